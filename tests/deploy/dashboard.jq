# SPDX-License-Identifier: GPL-3.0-or-later
# What is wrong with a Grafana dashboard, a line each. $uid: its data source.
def fault(condition; text): if condition then empty else text end;
def cells: .gridPos as $at
  | range($at.x; $at.x + $at.w) as $x | range($at.y; $at.y + $at.h) as $y | "\($x),\($y)";

. as $dashboard
| [.panels[] | select(.type != "row")] as $charts
| fault((.uid | type) == "string" and (.title | type) == "string"; "no uid or no title"),
  fault((.schemaVersion | type) == "number" and .schemaVersion >= 30; "schemaVersion"),
  fault(has("id") | not; "an id of its own, which is for Grafana to give"),
  fault(([.panels[].id] | unique | length) == (.panels | length); "ids of panels are not unique"),
  fault(([.panels[] | cells] | length) == ([.panels[] | cells] | unique | length);
    "panels overlap"),
  fault([.. | objects | select(has("datasource")) | .datasource]
      | all(. == {type: "prometheus", uid: $uid});
    "a data source that is not provisioned"),
  fault([.. | strings | scan("\\$([a-zA-Z_]+)")[0]] | unique
      - ["__rate_interval", "__all"] - [$dashboard.templating.list[].name] == [];
    "a variable that is not there"),
  fault([.templating.list[], .annotations.list[]] | all(has("datasource") and has("name"));
    "a variable or annotation without a data source"),
  (.panels[] | .title as $title
    | fault(($title | type) == "string" and ($title | length) > 0; "panel \(.id) has no title"),
      fault(.gridPos | .x >= 0 and .y >= 0 and .w > 0 and .h > 0 and .x + .w <= 24;
        "\($title): outside the grid")),
  ($charts[] | .title as $title
    | fault(.type == "timeseries" or .type == "stat"; "\($title): type \(.type)"),
      fault((.fieldConfig.defaults.unit | type) == "string"; "\($title): no unit"),
      fault((.fieldConfig.overrides | type) == "array" and (.options | type) == "object";
        "\($title): no options"),
      fault((.targets | length) > 0; "\($title): asks nothing"),
      fault(([.targets[].refId] | unique | length) == (.targets | length); "\($title): refId"),
      fault(.datasource and all(.targets[]; .datasource and (.expr | type) == "string"
        and (.expr | length) > 0 and has("legendFormat"));
        "\($title): a target without data source, query or legend"))
