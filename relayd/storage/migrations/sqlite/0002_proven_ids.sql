-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ids whose owners have signed a handshake: nobody else may use them any more.

CREATE TABLE proven_ids (
    id BLOB PRIMARY KEY,
    -- Unix milliseconds of the last signed handshake, to within a day.
    proven_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX proven_ids_by_time ON proven_ids (proven_at);

ALTER TABLE state ADD COLUMN proven_id_count INTEGER NOT NULL DEFAULT 0;
