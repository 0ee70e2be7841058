<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>AlertRules</name>
    <message>
        <source>The relay does not answer.</source>
        <translation>Das Relay antwortet nicht.</translation>
    </message>
    <message>
        <source>The relay answers, but cannot take and keep messages.</source>
        <translation>Das Relay antwortet, kann aber keine Nachrichten annehmen und aufbewahren.</translation>
    </message>
    <message>
        <source>The relay has restarted more than twice in 15 minutes.</source>
        <translation>Das Relay ist in 15 Minuten mehr als zweimal neu gestartet.</translation>
    </message>
    <message>
        <source>More than 80 % of the connections that RELAY_MAX_CONNECTIONS allows are open.</source>
        <translation>Mehr als 80 % der Verbindungen, die RELAY_MAX_CONNECTIONS erlaubt, sind offen.</translation>
    </message>
    <message>
        <source>More than 95 % of the connections that RELAY_MAX_CONNECTIONS allows are open; soon clients are turned away.</source>
        <translation>Mehr als 95 % der Verbindungen, die RELAY_MAX_CONNECTIONS erlaubt, sind offen; bald werden Clients abgewiesen.</translation>
    </message>
    <message>
        <source>More than five connections a second fail or are turned away.</source>
        <translation>Mehr als fünf Verbindungen pro Sekunde scheitern oder werden abgewiesen.</translation>
    </message>
    <message>
        <source>Every ten seconds or more often a client is cut off because it does not read.</source>
        <translation>Alle zehn Sekunden oder öfter wird ein Client getrennt, weil er nicht liest.</translation>
    </message>
    <message>
        <source>Messages are refused because they cannot be stored: the disk is full, slow or damaged, or RELAY_MAX_STORAGE_BYTES is reached.</source>
        <translation>Nachrichten werden abgewiesen, weil sie nicht gespeichert werden können: Der Datenträger ist voll, langsam oder beschädigt, oder RELAY_MAX_STORAGE_BYTES ist erreicht.</translation>
    </message>
    <message>
        <source>More than one message a second is refused because a mailbox is full.</source>
        <translation>Mehr als eine Nachricht pro Sekunde wird abgewiesen, weil ein Postfach voll ist.</translation>
    </message>
    <message>
        <source>More than ten messages a second are refused by the rate limiter: an attack, a broken client, or a limit that is too low.</source>
        <translation>Mehr als zehn Nachrichten pro Sekunde weist die Ratenbegrenzung ab: ein Angriff, ein defekter Client oder eine zu niedrige Grenze.</translation>
    </message>
    <message>
        <source>One commit in a hundred takes more than half a second: the disk is slow or overloaded.</source>
        <translation>Von hundert Commits dauert einer länger als eine halbe Sekunde: Der Datenträger ist langsam oder überlastet.</translation>
    </message>
    <message>
        <source>One message in a hundred waits more than a second for its answer.</source>
        <translation>Von hundert Nachrichten wartet eine länger als eine Sekunde auf ihre Antwort.</translation>
    </message>
    <message>
        <source>Messages wait that are too large for the encrypted sessions of their recipients.</source>
        <translation>Es warten Nachrichten, die für die verschlüsselten Sitzungen ihrer Empfänger zu groß sind.</translation>
    </message>
    <message>
        <source>What has expired was not swept for three hours: three times RELAY_CLEANUP_INTERVAL_SECS, unless that was changed.</source>
        <translation>Abgelaufenes wurde drei Stunden lang nicht aufgeräumt: dreimal RELAY_CLEANUP_INTERVAL_SECS, sofern das nicht geändert wurde.</translation>
    </message>
    <message>
        <source>More than 80 % of the files that the relay may open are open: raise LimitNOFILE.</source>
        <translation>Mehr als 80 % der Dateien, die das Relay öffnen darf, sind offen: LimitNOFILE erhöhen.</translation>
    </message>
    <message>
        <source>More than 90 % of what RELAY_MAX_STORAGE_BYTES allows are stored.</source>
        <translation>Mehr als 90 % dessen, was RELAY_MAX_STORAGE_BYTES erlaubt, sind gespeichert.</translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>relay::admin::AlertsModel</name>
    <message>
        <source>Critical</source>
        <translation>Kritisch</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Firing, muted</source>
        <translation>Aktiv, stumm</translation>
    </message>
    <message>
        <source>Ended, muted</source>
        <translation>Beendet, stumm</translation>
    </message>
    <message>
        <source>Firing</source>
        <translation>Aktiv</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>%1, threshold %2</source>
        <comment>alert rule</comment>
        <translation>%1, Schwelle %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Schweregrad</translation>
    </message>
    <message>
        <source>Relay</source>
        <translation>Relay</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>Alarm</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>Bis</translation>
    </message>
</context>
<context>
    <name>relay::admin::AlertsPage</name>
    <message>
        <source>Alerts</source>
        <translation>Alarme</translation>
    </message>
    <message>
        <source>Unmu&amp;te</source>
        <translation>S&amp;tummschaltung aufheben</translation>
    </message>
    <message>
        <source>Mu&amp;te</source>
        <translation>S&amp;tumm schalten</translation>
    </message>
    <message>
        <source>No alert is firing, and none was since this program was started.</source>
        <translation>Kein Alarm ist aktiv, und seit dem Start dieses Programms war keiner aktiv.</translation>
    </message>
</context>
<context>
    <name>relay::admin::Answers</name>
    <message>
        <source>The metrics are too large.</source>
        <translation>Die Metriken sind zu groß.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics is too long.</source>
        <translation>Zeile %L1 der Metriken ist zu lang.</translation>
    </message>
    <message>
        <source>There are too many metrics.</source>
        <translation>Es sind zu viele Metriken.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics has too many labels.</source>
        <translation>Zeile %L1 der Metriken hat zu viele Labels.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics cannot be understood.</source>
        <translation>Zeile %L1 der Metriken ist nicht zu verstehen.</translation>
    </message>
    <message>
        <source>This is not what /health of a relay says.</source>
        <translation>So antwortet /health eines Relays nicht.</translation>
    </message>
    <message>
        <source>This is not what /ready of a relay says.</source>
        <translation>So antwortet /ready eines Relays nicht.</translation>
    </message>
    <message>
        <source>The relay says that it is not ready.</source>
        <translation>Das Relay meldet, dass es nicht bereit ist.</translation>
    </message>
    <message>
        <source>The metrics are not in Prometheus&apos; text format.</source>
        <translation>Die Metriken haben nicht das Textformat von Prometheus.</translation>
    </message>
</context>
<context>
    <name>relay::admin::ChartPanel</name>
    <message>
        <source>%1, as a table</source>
        <translation>%1, als Tabelle</translation>
    </message>
    <message>
        <source>Show %1 as a table</source>
        <translation>%1 als Tabelle zeigen</translation>
    </message>
    <message>
        <source>Show as a table</source>
        <translation>Als Tabelle zeigen</translation>
    </message>
    <message>
        <source>Save a picture of %1</source>
        <translation>Als Bild speichern: %1</translation>
    </message>
    <message>
        <source>Save as a picture…</source>
        <translation>Als Bild speichern…</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::ChartTable</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
</context>
<context>
    <name>relay::admin::ColourTag</name>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rot</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>Orange</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>Gelb</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Grün</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>Blau</translation>
    </message>
    <message>
        <source>Purple</source>
        <translation>Violett</translation>
    </message>
</context>
<context>
    <name>relay::admin::CommandLine</name>
    <message>
        <source>Show the relay that is called &lt;name&gt;.</source>
        <translation>Das Relay mit dem Namen &lt;name&gt; anzeigen.</translation>
    </message>
    <message>
        <source>Watch the monitoring port &lt;url&gt;; it is added if no relay has it.</source>
        <translation>Den Überwachungsport &lt;url&gt; beobachten; er wird hinzugefügt, falls ihn noch kein Relay hat.</translation>
    </message>
    <message>
        <source>Start in the tray, or minimized.</source>
        <translation>Im Benachrichtigungsfeld oder minimiert starten.</translation>
    </message>
    <message>
        <source>Watches store-and-forward relays: state, traffic, storage, alerts.</source>
        <translation>Beobachtet Store-and-Forward-Relays: Zustand, Verkehr, Speicher, Alarme.</translation>
    </message>
    <message>
        <source>no relay is called “%1”</source>
        <translation>kein Relay heißt „%1“</translation>
    </message>
    <message>
        <source>unexpected argument “%1”</source>
        <translation>unerwartetes Argument „%1“</translation>
    </message>
</context>
<context>
    <name>relay::admin::ConnectionTest</name>
    <message numerus="yes">
        <source>Issued by %1. %n days left.</source>
        <translation>
            <numerusform>Ausgestellt von %1. Noch %Ln Tag gültig.</numerusform>
            <numerusform>Ausgestellt von %1. Noch %Ln Tage gültig.</numerusform>
        </translation>
    </message>
    <message>
        <source>Renew the certificate; if it is new, look at the clocks of both computers.</source>
        <translation>Zertifikat erneuern; falls es neu ist, die Uhren beider Rechner prüfen.</translation>
    </message>
    <message>
        <source>Use the name that the certificate was made for.</source>
        <translation>Den Namen verwenden, für den das Zertifikat ausgestellt ist.</translation>
    </message>
    <message>
        <source>If the authority is your own, choose its file in the profile.</source>
        <translation>Bei einer eigenen Zertifizierungsstelle deren Datei im Profil auswählen.</translation>
    </message>
    <message>
        <source>Does this port speak TLS? Without it the address begins with http.</source>
        <translation>Spricht dieser Port TLS? Ohne TLS beginnt die Adresse mit http.</translation>
    </message>
    <message>
        <source>Enter the token that the relay has in RELAY_METRICS_TOKEN.</source>
        <translation>Das Token eingeben, das beim Relay in RELAY_METRICS_TOKEN steht.</translation>
    </message>
    <message>
        <source>A proxy in front of the relay may ask for a header.</source>
        <translation>Vielleicht verlangt ein Proxy vor dem Relay einen Header.</translation>
    </message>
    <message>
        <source>Is the path in the address right? A relay itself has none.</source>
        <translation>Stimmt der Pfad in der Adresse? Ein Relay selbst hat keinen.</translation>
    </message>
    <message>
        <source>Is this the monitoring port of a relay? It is usually 8081.</source>
        <translation>Ist das der Überwachungsport eines Relays? Üblich ist 8081.</translation>
    </message>
    <message>
        <source>Enter the address that it points to, if you trust it.</source>
        <translation>Die Zieladresse eingeben, falls sie vertrauenswürdig ist.</translation>
    </message>
    <message>
        <source>The relay runs, but takes no messages now; see its log.</source>
        <translation>Das Relay läuft, nimmt aber derzeit keine Nachrichten an; siehe sein Protokoll.</translation>
    </message>
    <message>
        <source>Something is there and does not answer. Is it the right port?</source>
        <translation>Dort ist etwas, das nicht antwortet. Ist es der richtige Port?</translation>
    </message>
    <message>
        <source>Version %1.</source>
        <translation>Version %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n metrics.</source>
        <translation>
            <numerusform>%Ln Metrik.</numerusform>
            <numerusform>%Ln Metriken.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>name of a check, reason</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Name of the host</source>
        <translation>Name des Hosts</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>TLS</source>
        <translation>TLS</translation>
    </message>
    <message>
        <source>/health</source>
        <translation>/health</translation>
    </message>
    <message>
        <source>/ready</source>
        <translation>/ready</translation>
    </message>
    <message>
        <source>/metrics</source>
        <translation>/metrics</translation>
    </message>
    <message>
        <source>WebSocket</source>
        <translation>WebSocket</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>A step before it failed.</source>
        <translation>Ein Schritt davor ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>There was no answer in time.</source>
        <translation>Es kam nicht rechtzeitig eine Antwort.</translation>
    </message>
    <message>
        <source>The monitoring port is often open to its own computer alone. Then open a tunnel, “%1”, and enter http://127.0.0.1:8081 as address.</source>
        <translation>Der Überwachungsport ist oft nur für den eigenen Rechner offen. Dann einen Tunnel öffnen, „%1“, und als Adresse http://127.0.0.1:8081 eingeben.</translation>
    </message>
    <message>
        <source>The address has no name.</source>
        <translation>Die Adresse enthält keinen Namen.</translation>
    </message>
    <message>
        <source>The name of the host is not known.</source>
        <translation>Der Name des Hosts ist unbekannt.</translation>
    </message>
    <message>
        <source>Is it written right? Is this computer connected to the network it belongs to?</source>
        <translation>Ist er richtig geschrieben? Ist dieser Rechner mit dem zugehörigen Netz verbunden?</translation>
    </message>
    <message>
        <source>Connected to port %1.</source>
        <translation>Mit Port %1 verbunden.</translation>
    </message>
    <message>
        <source>Nothing listens at this port.</source>
        <translation>An diesem Port nimmt nichts Verbindungen an.</translation>
    </message>
    <message>
        <source>The host cannot be reached.</source>
        <translation>Der Host ist nicht erreichbar.</translation>
    </message>
    <message>
        <source>The address begins with http.</source>
        <translation>Die Adresse beginnt mit http.</translation>
    </message>
    <message>
        <source>Choose a file with certificates in PEM format.</source>
        <translation>Eine Datei mit Zertifikaten im PEM-Format auswählen.</translation>
    </message>
    <message>
        <source>TLS could not be set up.</source>
        <translation>TLS konnte nicht aufgebaut werden.</translation>
    </message>
    <message>
        <source>The profile has no address of the public port.</source>
        <translation>Im Profil fehlt die Adresse des öffentlichen Ports.</translation>
    </message>
    <message>
        <source>The upgrade was taken.</source>
        <translation>Der Wechsel zu WebSocket wurde angenommen.</translation>
    </message>
    <message>
        <source>Does the proxy run? Is the port open in the firewall?</source>
        <translation>Läuft der Proxy? Ist der Port in der Firewall offen?</translation>
    </message>
    <message>
        <source>The upgrade to WebSocket was not taken.</source>
        <translation>Der Wechsel zu WebSocket wurde nicht angenommen.</translation>
    </message>
    <message>
        <source>A proxy in front of the relay has to pass on the headers Upgrade and Connection, and the path has to be the right one.</source>
        <translation>Ein Proxy vor dem Relay muss die Header Upgrade und Connection weiterreichen, und der Pfad muss stimmen.</translation>
    </message>
</context>
<context>
    <name>relay::admin::ConnectionTestView</name>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>running…</source>
        <translation>läuft…</translation>
    </message>
    <message>
        <source>in order</source>
        <translation>in Ordnung</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>Connection test</source>
        <translation>Verbindungstest</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::Fleet</name>
    <message>
        <source>The history could not be read and is now %1: %2</source>
        <translation>Der Verlauf war nicht lesbar und heißt jetzt %1: %2</translation>
    </message>
    <message>
        <source>The history is not kept: %1</source>
        <translation>Der Verlauf wird nicht gespeichert: %1</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>%1 ist nicht lesbar: %2</translation>
    </message>
    <message>
        <source>%1 is too large to be a list of relays.</source>
        <translation>%1 ist zu groß für eine Liste von Relays.</translation>
    </message>
</context>
<context>
    <name>relay::admin::Formats</name>
    <message>
        <source>%1/s</source>
        <translation>%1/s</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 µs</source>
        <translation>%1 µs</translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%Ln Tag</numerusform>
            <numerusform>%Ln Tage</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%Ln Stunde</numerusform>
            <numerusform>%Ln Stunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%Ln Minute</numerusform>
            <numerusform>%Ln Minuten</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>two units of time</comment>
        <translation>%1 %2</translation>
    </message>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%Ln Sekunde</numerusform>
            <numerusform>%Ln Sekunden</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>connections used, most</comment>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <comment>days, hours</comment>
        <translation>%1 T %2 h</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <comment>hours, minutes</comment>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <comment>minutes, seconds</comment>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 s</source>
        <comment>seconds</comment>
        <translation>%1 s</translation>
    </message>
</context>
<context>
    <name>relay::admin::HistoryStore</name>
    <message>
        <source>it is damaged</source>
        <translation>er ist beschädigt</translation>
    </message>
    <message>
        <source>it belongs to another program</source>
        <translation>er gehört zu einem anderen Programm</translation>
    </message>
    <message>
        <source>a newer version of this program wrote it</source>
        <translation>er stammt von einer neueren Version dieses Programms</translation>
    </message>
</context>
<context>
    <name>relay::admin::HttpQuery</name>
    <message>
        <source>The token is missing or wrong.</source>
        <translation>Das Token fehlt oder ist falsch.</translation>
    </message>
    <message>
        <source>The server says that it is not available.</source>
        <translation>Der Server meldet, dass er nicht verfügbar ist.</translation>
    </message>
    <message>
        <source>The server points to another address, which is not followed.</source>
        <translation>Der Server verweist auf eine andere Adresse; dem wird nicht gefolgt.</translation>
    </message>
    <message>
        <source>The server answers with status %1.</source>
        <translation>Der Server antwortet mit Status %1.</translation>
    </message>
    <message>
        <source>The name of the host is not known.</source>
        <translation>Der Name des Hosts ist unbekannt.</translation>
    </message>
    <message>
        <source>Nothing listens at this port.</source>
        <translation>An diesem Port nimmt nichts Verbindungen an.</translation>
    </message>
    <message>
        <source>The connection was closed before the answer was whole.</source>
        <translation>Die Verbindung wurde geschlossen, bevor die Antwort vollständig war.</translation>
    </message>
    <message>
        <source>The host cannot be reached.</source>
        <translation>Der Host ist nicht erreichbar.</translation>
    </message>
    <message>
        <source>There was no whole answer in time.</source>
        <translation>Es kam nicht rechtzeitig eine vollständige Antwort.</translation>
    </message>
    <message>
        <source>What answers does not speak HTTP.</source>
        <translation>Die Gegenstelle spricht kein HTTP.</translation>
    </message>
    <message>
        <source>The answer is too large.</source>
        <translation>Die Antwort ist zu groß.</translation>
    </message>
    <message>
        <source>TLS could not be set up.</source>
        <translation>TLS konnte nicht aufgebaut werden.</translation>
    </message>
</context>
<context>
    <name>relay::admin::MainWindow</name>
    <message>
        <source>Vauchi Relay Console</source>
        <translation>Vauchi-Relay-Konsole</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Relay</source>
        <translation>&amp;Relay</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Import relays…</source>
        <translation>Relays &amp;importieren…</translation>
    </message>
    <message>
        <source>E&amp;xport relays…</source>
        <translation>Relays e&amp;xportieren…</translation>
    </message>
    <message>
        <source>Export &amp;CSV of the visible range…</source>
        <translation>Sichtbaren Bereich als &amp;CSV exportieren…</translation>
    </message>
    <message>
        <source>&amp;Save a picture of the chart…</source>
        <translation>Diagramm als Bild &amp;speichern…</translation>
    </message>
    <message>
        <source>&amp;Preferences…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>Close &amp;window</source>
        <translation>&amp;Fenster schließen</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;Bearbeiten…</translation>
    </message>
    <message>
        <source>&amp;Duplicate</source>
        <translation>&amp;Duplizieren</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>Move &amp;up</source>
        <translation>Nach &amp;oben</translation>
    </message>
    <message>
        <source>Move do&amp;wn</source>
        <translation>Nach &amp;unten</translation>
    </message>
    <message>
        <source>Ask &amp;now</source>
        <translation>&amp;Jetzt abfragen</translation>
    </message>
    <message>
        <source>&amp;Find a metric</source>
        <translation>&amp;Metrik suchen</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation>&amp;Über</translation>
    </message>
    <message>
        <source>&amp;Show the window</source>
        <translation>&amp;Fenster anzeigen</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Relays</source>
        <translation>Relays</translation>
    </message>
    <message>
        <source>&lt;h2&gt;No relay yet&lt;/h2&gt;Add the monitoring port of a relay to see how it is doing.</source>
        <translation>&lt;h2&gt;Noch kein Relay&lt;/h2&gt;Den Überwachungsport eines Relays hinzufügen, um zu sehen, wie es ihm geht.</translation>
    </message>
    <message>
        <source>A&amp;dd a relay…</source>
        <translation>Relay hin&amp;zufügen…</translation>
    </message>
    <message>
        <source>&amp;Overview</source>
        <translation>&amp;Überblick</translation>
    </message>
    <message>
        <source>All &amp;metrics</source>
        <translation>Alle &amp;Metriken</translation>
    </message>
    <message>
        <source>Ra&amp;w</source>
        <translation>R&amp;ohdaten</translation>
    </message>
    <message>
        <source>Views of the relay</source>
        <translation>Ansichten des Relays</translation>
    </message>
    <message>
        <source>%1 – Vauchi Relay Console</source>
        <translation>%1 – Vauchi-Relay-Konsole</translation>
    </message>
    <message>
        <source>A&amp;lerts</source>
        <translation>A&amp;larme</translation>
    </message>
    <message numerus="yes">
        <source>A&amp;lerts (%n)</source>
        <translation>
            <numerusform>A&amp;larme (%Ln)</numerusform>
            <numerusform>A&amp;larme (%Ln)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n alert(s)</source>
        <translation>
            <numerusform>%Ln Alarm</numerusform>
            <numerusform>%Ln Alarme</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>No longer: %1</source>
        <translation>Nicht mehr: %1</translation>
    </message>
    <message>
        <source>%1 (copy)</source>
        <translation>%1 (Kopie)</translation>
    </message>
    <message>
        <source>Remove a relay</source>
        <translation>Relay entfernen</translation>
    </message>
    <message>
        <source>Remove %1 from this list, with its history and its token?

The relay itself is not touched.</source>
        <translation>%1 mit Verlauf und Token aus dieser Liste entfernen?

Das Relay selbst bleibt unberührt.</translation>
    </message>
    <message>
        <source>Import relays</source>
        <translation>Relays importieren</translation>
    </message>
    <message>
        <source>Relays (*.json);;All files (*)</source>
        <translation>Relays (*.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Export relays</source>
        <translation>Relays exportieren</translation>
    </message>
    <message>
        <source>Relays (*.json)</source>
        <translation>Relays (*.json)</translation>
    </message>
    <message>
        <source>Export CSV</source>
        <translation>CSV exportieren</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>%1 konnte nicht geschrieben werden: %2</translation>
    </message>
    <message>
        <source>Save a picture</source>
        <translation>Bild speichern</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Vauchi Relay Console %1&lt;/h3&gt;&lt;p&gt;Watches store-and-forward relays. It reads what they say about themselves and changes nothing.&lt;/p&gt;&lt;p&gt;Free software under the GNU General Public License, version 3 or later. Qt %2.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;Vauchi-Relay-Konsole %1&lt;/h3&gt;&lt;p&gt;Beobachtet Store-and-Forward-Relays. Sie liest, was diese über sich mitteilen, und ändert nichts.&lt;/p&gt;&lt;p&gt;Freie Software unter der GNU General Public License, Version 3 oder später. Qt %2.&lt;/p&gt;</translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsModel</name>
    <message>
        <source>%1, %2 per second</source>
        <translation>%1, %2 pro Sekunde</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>metric, unit</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Rate</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsPage</name>
    <message>
        <source>F&amp;ilter:</source>
        <translation>F&amp;ilter:</translation>
    </message>
    <message>
        <source>Name, label or help</source>
        <translation>Name, Label oder Hilfe</translation>
    </message>
    <message>
        <source>Filter the metrics</source>
        <translation>Metriken filtern</translation>
    </message>
    <message>
        <source>All metrics</source>
        <translation>Alle Metriken</translation>
    </message>
    <message>
        <source>&amp;Copy as in /metrics</source>
        <translation>Wie in /metrics &amp;kopieren</translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%Ln Zeile</numerusform>
            <numerusform>%Ln Zeilen</numerusform>
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
    <message>
        <source>Show the last %1</source>
        <translation>Letzte %1 anzeigen</translation>
    </message>
    <message>
        <source>Back to &amp;now</source>
        <translation>Zurück zu &amp;jetzt</translation>
    </message>
    <message>
        <source>Export &amp;CSV…</source>
        <translation>&amp;CSV exportieren…</translation>
    </message>
    <message>
        <source>version %1</source>
        <translation>Version %1</translation>
    </message>
    <message>
        <source>up for %1</source>
        <translation>Laufzeit %1</translation>
    </message>
    <message>
        <source>connections: %1</source>
        <translation>Verbindungen: %1</translation>
    </message>
    <message>
        <source>stored blobs: %1 (%2)</source>
        <translation>gespeicherte Blobs: %1 (%2)</translation>
    </message>
    <message>
        <source>last answer %1 ago</source>
        <translation>Alter der letzten Antwort: %1</translation>
    </message>
</context>
<context>
    <name>relay::admin::PreferencesDialog</name>
    <message>
        <source>Show a &amp;notification when an alert begins or ends</source>
        <translation>&amp;Benachrichtigen, wenn ein Alarm beginnt oder endet</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>Wie die Arbeitsumgebung</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>&amp;Theme:</source>
        <translation>&amp;Farbschema:</translation>
    </message>
    <message>
        <source>&amp;Language:</source>
        <translation>&amp;Sprache:</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileDialog</name>
    <message>
        <source>&amp;Test connection</source>
        <translation>Verbindung &amp;testen</translation>
    </message>
    <message>
        <source>New relay</source>
        <translation>Neues Relay</translation>
    </message>
    <message>
        <source>Edit %1</source>
        <translation>%1 bearbeiten</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Zuhause</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keins</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Name of the header</source>
        <translation>Name des Headers</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Value of the header</source>
        <translation>Wert des Headers</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source>&amp;Monitoring port:</source>
        <translation>&amp;Überwachungsport:</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>&amp;Group:</source>
        <translation>&amp;Gruppe:</translation>
    </message>
    <message>
        <source>C&amp;olour:</source>
        <translation>&amp;Farbe:</translation>
    </message>
    <message>
        <source>&amp;Public port (optional):</source>
        <translation>Öffentlicher &amp;Port (optional):</translation>
    </message>
    <message>
        <source>&amp;Bearer token (optional):</source>
        <translation>&amp;Bearer-Token (optional):</translation>
    </message>
    <message>
        <source>It is kept in the desktop&apos;s keychain.</source>
        <translation>Es wird im Schlüsselbund der Arbeitsumgebung aufbewahrt.</translation>
    </message>
    <message>
        <source>There is no keychain: the token is forgotten when this program ends.</source>
        <translation>Es gibt keinen Schlüsselbund: Mit dem Ende dieses Programms ist das Token vergessen.</translation>
    </message>
    <message>
        <source>&amp;Authorities (PEM, optional):</source>
        <translation>&amp;Zertifizierungsstellen (PEM, optional):</translation>
    </message>
    <message>
        <source>&amp;Header for a proxy:</source>
        <translation>&amp;Header für einen Proxy:</translation>
    </message>
    <message>
        <source>Ask &amp;every:</source>
        <translation>Abfrage&amp;intervall:</translation>
    </message>
    <message>
        <source>Bro&amp;wse…</source>
        <translation>&amp;Durchsuchen…</translation>
    </message>
    <message>
        <source>Authorities to trust</source>
        <translation>Vertrauenswürdige Zertifizierungsstellen</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer);;All files (*)</source>
        <translation>Zertifikate (*.pem *.crt *.cer);;Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileFaults</name>
    <message>
        <source>This is too long.</source>
        <translation>Das ist zu lang.</translation>
    </message>
    <message>
        <source>This is not an address. An example: %1://relay.example.org</source>
        <translation>Das ist keine Adresse. Ein Beispiel: %1://relay.example.org</translation>
    </message>
    <message>
        <source>This has to begin with %1:// or %2://.</source>
        <translation>Am Anfang muss %1:// oder %2:// stehen.</translation>
    </message>
    <message>
        <source>The name of the host is missing.</source>
        <translation>Der Name des Hosts fehlt.</translation>
    </message>
    <message>
        <source>There is no port 0.</source>
        <translation>Es gibt keinen Port 0.</translation>
    </message>
    <message>
        <source>Names and passwords do not belong in an address.</source>
        <translation>Namen und Passwörter gehören nicht in eine Adresse.</translation>
    </message>
    <message>
        <source>An address of a server has no part after “#”.</source>
        <translation>Die Adresse eines Servers hat keinen Teil nach „#“.</translation>
    </message>
    <message>
        <source>The address of the monitoring port is missing.</source>
        <translation>Die Adresse des Überwachungsports fehlt.</translation>
    </message>
    <message>
        <source>The address of the monitoring port has no part after “?”.</source>
        <translation>Die Adresse des Überwachungsports hat keinen Teil nach „?“.</translation>
    </message>
    <message numerus="yes">
        <source>This is longer than %n characters.</source>
        <translation>
            <numerusform>Das ist länger als %Ln Zeichen.</numerusform>
            <numerusform>Das ist länger als %Ln Zeichen.</numerusform>
        </translation>
    </message>
    <message>
        <source>This has characters that cannot be shown.</source>
        <translation>Das enthält Zeichen, die nicht darstellbar sind.</translation>
    </message>
    <message>
        <source>The name is missing.</source>
        <translation>Der Name fehlt.</translation>
    </message>
    <message>
        <source>This is not a file&apos;s name.</source>
        <translation>Das ist kein Dateiname.</translation>
    </message>
    <message>
        <source>The name of the header is missing.</source>
        <translation>Der Name des Headers fehlt.</translation>
    </message>
    <message>
        <source>The name of a header has letters, digits and hyphens only.</source>
        <translation>Der Name eines Headers besteht nur aus Buchstaben, Ziffern und Bindestrichen.</translation>
    </message>
    <message>
        <source>This header is written by the program itself.</source>
        <translation>Diesen Header schreibt das Programm selbst.</translation>
    </message>
    <message>
        <source>The value of a header has ASCII characters on one line only.</source>
        <translation>Der Wert eines Headers besteht nur aus ASCII-Zeichen in einer Zeile.</translation>
    </message>
    <message>
        <source>The interval is between %1 and %2 seconds.</source>
        <translation>Das Intervall liegt zwischen %L1 und %L2 Sekunden.</translation>
    </message>
    <message numerus="yes">
        <source>A token has ASCII characters without blanks, and is not longer than %n.</source>
        <translation>
            <numerusform>Ein Token besteht aus ASCII-Zeichen ohne Leerzeichen und ist höchstens %Ln Zeichen lang.</numerusform>
            <numerusform>Ein Token besteht aus ASCII-Zeichen ohne Leerzeichen und ist höchstens %Ln Zeichen lang.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileJson</name>
    <message>
        <source>field “%1”: %2</source>
        <comment>the place in a file, and what is wrong there</comment>
        <translation>Feld „%1“: %2</translation>
    </message>
    <message>
        <source>This is not a text.</source>
        <translation>Das ist kein Text.</translation>
    </message>
    <message>
        <source>This is not an address.</source>
        <translation>Das ist keine Adresse.</translation>
    </message>
    <message>
        <source>This colour is not known.</source>
        <translation>Diese Farbe ist nicht bekannt.</translation>
    </message>
    <message>
        <source>This is not a number of seconds.</source>
        <translation>Das ist keine Anzahl von Sekunden.</translation>
    </message>
    <message>
        <source>This is not JSON: line %1, column %2.</source>
        <translation>Das ist kein JSON: Zeile %L1, Spalte %L2.</translation>
    </message>
    <message>
        <source>This is not a list of connection profiles.</source>
        <translation>Das ist keine Liste von Verbindungsprofilen.</translation>
    </message>
    <message>
        <source>This was written by a newer version of the program.</source>
        <translation>Das stammt von einer neueren Version des Programms.</translation>
    </message>
    <message>
        <source>This says no version that is known.</source>
        <translation>Hier steht keine bekannte Version.</translation>
    </message>
    <message numerus="yes">
        <source>There are more than %n profiles.</source>
        <translation>
            <numerusform>Es ist mehr als %Ln Profil.</numerusform>
            <numerusform>Es sind mehr als %Ln Profile.</numerusform>
        </translation>
    </message>
    <message>
        <source>This is too large.</source>
        <translation>Das ist zu groß.</translation>
    </message>
    <message>
        <source>Profile %1, %2</source>
        <comment>number of a profile; “field …: fault”</comment>
        <translation>Profil %L1, %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileStore</name>
    <message>
        <source>The profiles in %1 cannot be read: %2</source>
        <translation>Die Profile in %1 sind nicht lesbar: %2</translation>
    </message>
    <message>
        <source>The profiles could not be read. %1 The file is kept as %2.</source>
        <translation>Die Profile konnten nicht gelesen werden. %1 Die Datei bleibt als %2 erhalten.</translation>
    </message>
    <message>
        <source>The profiles in %1 cannot be read. %2</source>
        <translation>Die Profile in %1 sind nicht lesbar. %2</translation>
    </message>
    <message>
        <source>Copy of %1</source>
        <translation>Kopie von %1</translation>
    </message>
    <message numerus="yes">
        <source>There would be more than %n profiles.</source>
        <translation>
            <numerusform>Es wäre mehr als %Ln Profil.</numerusform>
            <numerusform>Es wären mehr als %Ln Profile.</numerusform>
        </translation>
    </message>
    <message>
        <source>The profiles cannot be written to %1: %2</source>
        <translation>Die Profile können nicht nach %1 geschrieben werden: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::RawPage</name>
    <message>
        <source>&amp;Update</source>
        <translation>Akt&amp;ualisieren</translation>
    </message>
    <message>
        <source>&amp;Copy all</source>
        <translation>Alles &amp;kopieren</translation>
    </message>
    <message>
        <source>The last answer of /metrics</source>
        <translation>Die letzte Antwort von /metrics</translation>
    </message>
    <message>
        <source>/metrics has not been read yet.</source>
        <translation>/metrics wurde noch nicht gelesen.</translation>
    </message>
    <message numerus="yes">
        <source>Read at %1, %n byte(s)</source>
        <translation>
            <numerusform>Gelesen: %1, %Ln Byte</numerusform>
            <numerusform>Gelesen: %1, %Ln Bytes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::RelayListModel</name>
    <message>
        <source>%1 and %2, number</source>
        <translation>%1 und %2, Anzahl</translation>
    </message>
    <message>
        <source>%1, number</source>
        <translation>%1, Anzahl</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>name of a relay, its state</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Uptime</source>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Verbindungen</translation>
    </message>
    <message>
        <source>Time since the last answer</source>
        <translation>Zeit seit der letzten Antwort</translation>
    </message>
    <message>
        <source>Blobs</source>
        <translation>Blobs</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
</context>
<context>
    <name>relay::admin::RelayState</name>
    <message>
        <source>The bearer token is missing or wrong.</source>
        <translation>Das Bearer-Token fehlt oder ist falsch.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>The relay gives no reason</source>
        <translation>Das Relay nennt keinen Grund</translation>
    </message>
    <message>
        <source>The relay has not answered for %1.</source>
        <translation>Das Relay antwortet nicht; Dauer bisher: %1.</translation>
    </message>
    <message>
        <source>The last answer is %1 old.</source>
        <translation>Alter der letzten Antwort: %1.</translation>
    </message>
    <message>
        <source>/health failed</source>
        <translation>/health ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>/ready failed</source>
        <translation>/ready ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>/metrics failed</source>
        <translation>/metrics ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unbekannt</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>In Betrieb</translation>
    </message>
    <message>
        <source>Not ready</source>
        <translation>Nicht bereit</translation>
    </message>
    <message>
        <source>Degraded</source>
        <translation>Eingeschränkt</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Ausgefallen</translation>
    </message>
    <message>
        <source>Stale</source>
        <translation>Veraltet</translation>
    </message>
</context>
<context>
    <name>relay::admin::Series</name>
    <message>
        <source>Active</source>
        <translation>Aktiv</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>In</source>
        <translation>Eingehend</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>Ausgehend</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Abgewiesen</translation>
    </message>
    <message>
        <source>Rate-limited</source>
        <translation>Gedrosselt</translation>
    </message>
    <message>
        <source>Blobs</source>
        <translation>Blobs</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>Median (p50)</source>
        <translation>Median (p50)</translation>
    </message>
    <message>
        <source>Slowest of 100 (p99)</source>
        <translation>Langsamste von 100 (p99)</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Verbindungen</translation>
    </message>
    <message>
        <source>Messages per second</source>
        <translation>Nachrichten pro Sekunde</translation>
    </message>
    <message>
        <source>Refused messages per second</source>
        <translation>Abgewiesene Nachrichten pro Sekunde</translation>
    </message>
    <message>
        <source>Stored</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Time until a message is answered</source>
        <translation>Zeit bis zur Antwort auf eine Nachricht</translation>
    </message>
    <message>
        <source>number</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>pro Sekunde</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>Sekunden</translation>
    </message>
</context>
<context>
    <name>relay::admin::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>%1 or %2</source>
        <translation>%1 oder %2</translation>
    </message>
    <message>
        <source>Chart: earlier, later</source>
        <translation>Diagramm: früher, später</translation>
    </message>
    <message>
        <source>Chart: closer, wider</source>
        <translation>Diagramm: näher, weiter</translation>
    </message>
    <message>
        <source>Chart: back to now</source>
        <translation>Diagramm: zurück zu jetzt</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
</context>
<context>
    <name>relay::admin::StateLabel</name>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::Tls</name>
    <message>
        <source>The file of authorities cannot be read, or holds no certificate.</source>
        <translation>Die Datei der Zertifizierungsstellen ist nicht lesbar oder enthält kein Zertifikat.</translation>
    </message>
</context>
</TS>
