<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>relay::admin::ConnectionTest</name>
    <message numerus="yes">
        <source>Issued by %1. %n days left.</source>
        <translation>
            <numerusform>Issued by %1. %Ln day left.</numerusform>
            <numerusform>Issued by %1. %Ln days left.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n metrics.</source>
        <translation>
            <numerusform>%Ln metric.</numerusform>
            <numerusform>%Ln metrics.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::Formats</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%Ln day</numerusform>
            <numerusform>%Ln days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%Ln hour</numerusform>
            <numerusform>%Ln hours</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%Ln minute</numerusform>
            <numerusform>%Ln minutes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%Ln second</numerusform>
            <numerusform>%Ln seconds</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::MainWindow</name>
    <message numerus="yes">
        <source>A&amp;lerts (%n)</source>
        <translation>
            <numerusform>A&amp;lerts (%Ln)</numerusform>
            <numerusform>A&amp;lerts (%Ln)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n alert(s)</source>
        <translation>
            <numerusform>%Ln alert</numerusform>
            <numerusform>%Ln alerts</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsPage</name>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%Ln row</numerusform>
            <numerusform>%Ln rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::OverviewPage</name>
    <message numerus="yes">
        <source>%n min</source>
        <comment>range</comment>
        <translation>
            <numerusform>%Ln min</numerusform>
            <numerusform>%Ln min</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h</source>
        <comment>range</comment>
        <translation>
            <numerusform>%Ln h</numerusform>
            <numerusform>%Ln h</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileFaults</name>
    <message numerus="yes">
        <source>This is longer than %n characters.</source>
        <translation>
            <numerusform>This is longer than %Ln character.</numerusform>
            <numerusform>This is longer than %Ln characters.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>A token has ASCII characters without blanks, and is not longer than %n.</source>
        <translation>
            <numerusform>A token has ASCII characters without blanks, and is not longer than %Ln.</numerusform>
            <numerusform>A token has ASCII characters without blanks, and is not longer than %Ln.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileJson</name>
    <message numerus="yes">
        <source>There are more than %n profiles.</source>
        <translation>
            <numerusform>There is more than %Ln profile.</numerusform>
            <numerusform>There are more than %Ln profiles.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileStore</name>
    <message numerus="yes">
        <source>There would be more than %n profiles.</source>
        <translation>
            <numerusform>There would be more than %Ln profile.</numerusform>
            <numerusform>There would be more than %Ln profiles.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::RawPage</name>
    <message numerus="yes">
        <source>Read at %1, %n byte(s)</source>
        <translation>
            <numerusform>Read at %1, %Ln byte</numerusform>
            <numerusform>Read at %1, %Ln bytes</numerusform>
        </translation>
    </message>
</context>
</TS>
