<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr">
<context>
    <name>AlertRules</name>
    <message>
        <source>The relay does not answer.</source>
        <translation>Le relais ne répond pas.</translation>
    </message>
    <message>
        <source>The relay answers, but cannot take and keep messages.</source>
        <translation>Le relais répond, mais ne peut ni accepter ni conserver de messages.</translation>
    </message>
    <message>
        <source>The relay has restarted more than twice in 15 minutes.</source>
        <translation>Le relais a redémarré plus de deux fois en 15&#xa0;minutes.</translation>
    </message>
    <message>
        <source>More than 80 % of the connections that RELAY_MAX_CONNECTIONS allows are open.</source>
        <translation>Plus de 80&#xa0;% des connexions autorisées par RELAY_MAX_CONNECTIONS sont ouvertes.</translation>
    </message>
    <message>
        <source>More than 95 % of the connections that RELAY_MAX_CONNECTIONS allows are open; soon clients are turned away.</source>
        <translation>Plus de 95&#xa0;% des connexions autorisées par RELAY_MAX_CONNECTIONS sont ouvertes&#xa0;; des clients seront bientôt refusés.</translation>
    </message>
    <message>
        <source>More than five connections a second fail or are turned away.</source>
        <translation>Plus de cinq connexions par seconde échouent ou sont refusées.</translation>
    </message>
    <message>
        <source>Every ten seconds or more often a client is cut off because it does not read.</source>
        <translation>Toutes les dix secondes ou plus souvent, un client est déconnecté parce qu’il ne lit pas.</translation>
    </message>
    <message>
        <source>Messages are refused because they cannot be stored: the disk is full, slow or damaged, or RELAY_MAX_STORAGE_BYTES is reached.</source>
        <translation>Des messages sont refusés parce qu’ils ne peuvent pas être stockés&#xa0;: le disque est plein, lent ou endommagé, ou RELAY_MAX_STORAGE_BYTES est atteint.</translation>
    </message>
    <message>
        <source>More than one message a second is refused because a mailbox is full.</source>
        <translation>Plus d’un message par seconde est refusé parce qu’une boîte est pleine.</translation>
    </message>
    <message>
        <source>More than ten messages a second are refused by the rate limiter: an attack, a broken client, or a limit that is too low.</source>
        <translation>Plus de dix messages par seconde sont refusés par la limitation de débit&#xa0;: une attaque, un client défectueux ou une limite trop basse.</translation>
    </message>
    <message>
        <source>One commit in a hundred takes more than half a second: the disk is slow or overloaded.</source>
        <translation>Un commit sur cent dure plus d’une demi-seconde&#xa0;: le disque est lent ou surchargé.</translation>
    </message>
    <message>
        <source>One message in a hundred waits more than a second for its answer.</source>
        <translation>Un message sur cent attend sa réponse plus d’une seconde.</translation>
    </message>
    <message>
        <source>Messages wait that are too large for the encrypted sessions of their recipients.</source>
        <translation>Des messages en attente sont trop volumineux pour les sessions chiffrées de leurs destinataires.</translation>
    </message>
    <message>
        <source>What has expired was not swept for three hours: three times RELAY_CLEANUP_INTERVAL_SECS, unless that was changed.</source>
        <translation>Ce qui a expiré n’a pas été nettoyé depuis trois heures&#xa0;: trois fois RELAY_CLEANUP_INTERVAL_SECS, sauf si cette valeur a été modifiée.</translation>
    </message>
    <message>
        <source>More than 80 % of the files that the relay may open are open: raise LimitNOFILE.</source>
        <translation>Plus de 80&#xa0;% des fichiers que le relais peut ouvrir sont ouverts&#xa0;: augmenter LimitNOFILE.</translation>
    </message>
    <message>
        <source>More than 90 % of what RELAY_MAX_STORAGE_BYTES allows are stored.</source>
        <translation>Plus de 90 % de ce qu’autorise RELAY_MAX_STORAGE_BYTES est stocké.</translation>
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
        <translation>Annuler</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Fermer</translation>
    </message>
</context>
<context>
    <name>relay::admin::AlertsModel</name>
    <message>
        <source>Critical</source>
        <translation>Critique</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Avertissement</translation>
    </message>
    <message>
        <source>Firing, muted</source>
        <translation>Active, en sourdine</translation>
    </message>
    <message>
        <source>Ended, muted</source>
        <translation>Terminée, en sourdine</translation>
    </message>
    <message>
        <source>Firing</source>
        <translation>Active</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Terminée</translation>
    </message>
    <message>
        <source>%1, threshold %2</source>
        <comment>alert rule</comment>
        <translation>%1, seuil %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1&#xa0;: %2</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Gravité</translation>
    </message>
    <message>
        <source>Relay</source>
        <translation>Relais</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>Alerte</translation>
    </message>
    <message>
        <source>State</source>
        <translation>État</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Valeur</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Depuis</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>Jusqu’à</translation>
    </message>
</context>
<context>
    <name>relay::admin::AlertsPage</name>
    <message>
        <source>Alerts</source>
        <translation>Alertes</translation>
    </message>
    <message>
        <source>Unmu&amp;te</source>
        <translation>Ré&amp;tablir</translation>
    </message>
    <message>
        <source>Mu&amp;te</source>
        <translation>Me&amp;ttre en sourdine</translation>
    </message>
    <message>
        <source>No alert is firing, and none was since this program was started.</source>
        <translation>Aucune alerte n’est active, et aucune ne l’a été depuis le lancement de ce programme.</translation>
    </message>
</context>
<context>
    <name>relay::admin::Answers</name>
    <message>
        <source>The metrics are too large.</source>
        <translation>Les métriques sont trop volumineuses.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics is too long.</source>
        <translation>La ligne %L1 des métriques est trop longue.</translation>
    </message>
    <message>
        <source>There are too many metrics.</source>
        <translation>Il y a trop de métriques.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics has too many labels.</source>
        <translation>La ligne %L1 des métriques a trop d’étiquettes.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics cannot be understood.</source>
        <translation>La ligne %L1 des métriques est incompréhensible.</translation>
    </message>
    <message>
        <source>This is not what /health of a relay says.</source>
        <translation>Ce n’est pas une réponse de /health d’un relais.</translation>
    </message>
    <message>
        <source>This is not what /ready of a relay says.</source>
        <translation>Ce n’est pas une réponse de /ready d’un relais.</translation>
    </message>
    <message>
        <source>The relay says that it is not ready.</source>
        <translation>Le relais indique qu’il n’est pas prêt.</translation>
    </message>
    <message>
        <source>The metrics are not in Prometheus&apos; text format.</source>
        <translation>Les métriques ne sont pas au format texte de Prometheus.</translation>
    </message>
</context>
<context>
    <name>relay::admin::ChartPanel</name>
    <message>
        <source>%1, as a table</source>
        <translation>%1, sous forme de tableau</translation>
    </message>
    <message>
        <source>Show %1 as a table</source>
        <translation>Afficher sous forme de tableau&#xa0;: %1</translation>
    </message>
    <message>
        <source>Show as a table</source>
        <translation>Afficher sous forme de tableau</translation>
    </message>
    <message>
        <source>Save a picture of %1</source>
        <translation>Enregistrer une image&#xa0;: %1</translation>
    </message>
    <message>
        <source>Save as a picture…</source>
        <translation>Enregistrer comme image…</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1&#xa0;: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::ChartTable</name>
    <message>
        <source>Time</source>
        <translation>Heure</translation>
    </message>
</context>
<context>
    <name>relay::admin::ColourTag</name>
    <message>
        <source>None</source>
        <translation>Aucune</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rouge</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>Orange</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>Jaune</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Vert</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>Bleu</translation>
    </message>
    <message>
        <source>Purple</source>
        <translation>Violet</translation>
    </message>
</context>
<context>
    <name>relay::admin::CommandLine</name>
    <message>
        <source>Show the relay that is called &lt;name&gt;.</source>
        <translation>Afficher le relais nommé &lt;name&gt;.</translation>
    </message>
    <message>
        <source>Watch the monitoring port &lt;url&gt;; it is added if no relay has it.</source>
        <translation>Surveiller le port de supervision &lt;url&gt;&#xa0;; il est ajouté si aucun relais ne l’a.</translation>
    </message>
    <message>
        <source>Start in the tray, or minimized.</source>
        <translation>Démarrer dans la zone de notification, ou réduit.</translation>
    </message>
    <message>
        <source>Watches store-and-forward relays: state, traffic, storage, alerts.</source>
        <translation>Surveille des relais «&#xa0;store-and-forward&#xa0;»&#xa0;: état, trafic, stockage, alertes.</translation>
    </message>
    <message>
        <source>no relay is called “%1”</source>
        <translation>aucun relais ne s’appelle «&#xa0;%1&#xa0;»</translation>
    </message>
    <message>
        <source>unexpected argument “%1”</source>
        <translation>argument inattendu «&#xa0;%1&#xa0;»</translation>
    </message>
</context>
<context>
    <name>relay::admin::ConnectionTest</name>
    <message numerus="yes">
        <source>Issued by %1. %n days left.</source>
        <translation>
            <numerusform>Émis par %1. Encore valable %Ln&#xa0;jour.</numerusform>
            <numerusform>Émis par %1. Encore valable %Ln&#xa0;jours.</numerusform>
        </translation>
    </message>
    <message>
        <source>Renew the certificate; if it is new, look at the clocks of both computers.</source>
        <translation>Renouveler le certificat&#xa0;; s’il est récent, vérifier l’horloge des deux ordinateurs.</translation>
    </message>
    <message>
        <source>Use the name that the certificate was made for.</source>
        <translation>Utiliser le nom pour lequel le certificat a été émis.</translation>
    </message>
    <message>
        <source>If the authority is your own, choose its file in the profile.</source>
        <translation>Si l’autorité est la vôtre, choisir son fichier dans le profil.</translation>
    </message>
    <message>
        <source>Does this port speak TLS? Without it the address begins with http.</source>
        <translation>Ce port utilise-t-il TLS&#xa0;? Sans TLS, l’adresse commence par http.</translation>
    </message>
    <message>
        <source>Enter the token that the relay has in RELAY_METRICS_TOKEN.</source>
        <translation>Saisir le jeton que le relais a dans RELAY_METRICS_TOKEN.</translation>
    </message>
    <message>
        <source>A proxy in front of the relay may ask for a header.</source>
        <translation>Un proxy placé devant le relais exige peut-être un en-tête.</translation>
    </message>
    <message>
        <source>Is the path in the address right? A relay itself has none.</source>
        <translation>Le chemin de l’adresse est-il correct&#xa0;? Un relais n’en a pas lui-même.</translation>
    </message>
    <message>
        <source>Is this the monitoring port of a relay? It is usually 8081.</source>
        <translation>Est-ce le port de supervision d’un relais&#xa0;? C’est en général 8081.</translation>
    </message>
    <message>
        <source>Enter the address that it points to, if you trust it.</source>
        <translation>Saisir l’adresse indiquée si elle est digne de confiance.</translation>
    </message>
    <message>
        <source>The relay runs, but takes no messages now; see its log.</source>
        <translation>Le relais fonctionne, mais n’accepte pas de messages pour l’instant&#xa0;; voir son journal.</translation>
    </message>
    <message>
        <source>Something is there and does not answer. Is it the right port?</source>
        <translation>Quelque chose est là mais ne répond pas. Est-ce le bon port&#xa0;?</translation>
    </message>
    <message>
        <source>Version %1.</source>
        <translation>Version %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n metrics.</source>
        <translation>
            <numerusform>%Ln&#xa0;métrique.</numerusform>
            <numerusform>%Ln&#xa0;métriques.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>name of a check, reason</comment>
        <translation>%1&#xa0;: %2</translation>
    </message>
    <message>
        <source>Name of the host</source>
        <translation>Nom de l’hôte</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Connexion</translation>
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
        <translation>Annulé.</translation>
    </message>
    <message>
        <source>A step before it failed.</source>
        <translation>Une étape précédente a échoué.</translation>
    </message>
    <message>
        <source>There was no answer in time.</source>
        <translation>Aucune réponse dans le délai imparti.</translation>
    </message>
    <message>
        <source>The monitoring port is often open to its own computer alone. Then open a tunnel, “%1”, and enter http://127.0.0.1:8081 as address.</source>
        <translation>Le port de supervision n’est souvent ouvert qu’à son propre ordinateur. Dans ce cas, ouvrir un tunnel, «&#xa0;%1&#xa0;», et saisir l’adresse http://127.0.0.1:8081.</translation>
    </message>
    <message>
        <source>The address has no name.</source>
        <translation>L’adresse ne contient pas de nom.</translation>
    </message>
    <message>
        <source>The name of the host is not known.</source>
        <translation>Le nom de l’hôte est inconnu.</translation>
    </message>
    <message>
        <source>Is it written right? Is this computer connected to the network it belongs to?</source>
        <translation>Est-il bien écrit&#xa0;? Cet ordinateur est-il connecté au réseau dont l’hôte fait partie&#xa0;?</translation>
    </message>
    <message>
        <source>Connected to port %1.</source>
        <translation>Connecté au port %1.</translation>
    </message>
    <message>
        <source>Nothing listens at this port.</source>
        <translation>Rien n’écoute sur ce port.</translation>
    </message>
    <message>
        <source>The host cannot be reached.</source>
        <translation>L’hôte est injoignable.</translation>
    </message>
    <message>
        <source>The address begins with http.</source>
        <translation>L’adresse commence par http.</translation>
    </message>
    <message>
        <source>Choose a file with certificates in PEM format.</source>
        <translation>Choisir un fichier de certificats au format PEM.</translation>
    </message>
    <message>
        <source>TLS could not be set up.</source>
        <translation>Impossible d’établir TLS.</translation>
    </message>
    <message>
        <source>The profile has no address of the public port.</source>
        <translation>Le profil ne contient pas l’adresse du port public.</translation>
    </message>
    <message>
        <source>The upgrade was taken.</source>
        <translation>Le passage à WebSocket a été accepté.</translation>
    </message>
    <message>
        <source>Does the proxy run? Is the port open in the firewall?</source>
        <translation>Le proxy fonctionne-t-il&#xa0;? Le port est-il ouvert dans le pare-feu&#xa0;?</translation>
    </message>
    <message>
        <source>The upgrade to WebSocket was not taken.</source>
        <translation>Le passage à WebSocket n’a pas été accepté.</translation>
    </message>
    <message>
        <source>A proxy in front of the relay has to pass on the headers Upgrade and Connection, and the path has to be the right one.</source>
        <translation>Un proxy placé devant le relais doit transmettre les en-têtes Upgrade et Connection, et le chemin doit être correct.</translation>
    </message>
</context>
<context>
    <name>relay::admin::ConnectionTestView</name>
    <message>
        <source>waiting</source>
        <translation>en attente</translation>
    </message>
    <message>
        <source>running…</source>
        <translation>en cours…</translation>
    </message>
    <message>
        <source>in order</source>
        <translation>en ordre</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>échec</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>omis</translation>
    </message>
    <message>
        <source>Connection test</source>
        <translation>Test de connexion</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1&#xa0;: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::Fleet</name>
    <message>
        <source>The history could not be read and is now %1: %2</source>
        <translation>L’historique n’a pas pu être lu et se nomme désormais %1&#xa0;: %2</translation>
    </message>
    <message>
        <source>The history is not kept: %1</source>
        <translation>L’historique n’est pas conservé&#xa0;: %1</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>Impossible de lire %1&#xa0;: %2</translation>
    </message>
    <message>
        <source>%1 is too large to be a list of relays.</source>
        <translation>%1 est trop volumineux pour une liste de relais.</translation>
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
        <translation>%1&#xa0;s</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1&#xa0;ms</translation>
    </message>
    <message>
        <source>%1 µs</source>
        <translation>%1&#xa0;µs</translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;jour</numerusform>
            <numerusform>%Ln&#xa0;jours</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;heure</numerusform>
            <numerusform>%Ln&#xa0;heures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;minute</numerusform>
            <numerusform>%Ln&#xa0;minutes</numerusform>
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
            <numerusform>%Ln&#xa0;seconde</numerusform>
            <numerusform>%Ln&#xa0;secondes</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>connections used, most</comment>
        <translation>%1 sur %2</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <comment>days, hours</comment>
        <translation>%1 j %2 h</translation>
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
        <translation>il est endommagé</translation>
    </message>
    <message>
        <source>it belongs to another program</source>
        <translation>il appartient à un autre programme</translation>
    </message>
    <message>
        <source>a newer version of this program wrote it</source>
        <translation>il a été écrit par une version plus récente de ce programme</translation>
    </message>
</context>
<context>
    <name>relay::admin::HttpQuery</name>
    <message>
        <source>The token is missing or wrong.</source>
        <translation>Le jeton est absent ou incorrect.</translation>
    </message>
    <message>
        <source>The server says that it is not available.</source>
        <translation>Le serveur indique qu’il n’est pas disponible.</translation>
    </message>
    <message>
        <source>The server points to another address, which is not followed.</source>
        <translation>Le serveur renvoie vers une autre adresse, qui n’est pas suivie.</translation>
    </message>
    <message>
        <source>The server answers with status %1.</source>
        <translation>Le serveur répond avec le statut %1.</translation>
    </message>
    <message>
        <source>The name of the host is not known.</source>
        <translation>Le nom de l’hôte est inconnu.</translation>
    </message>
    <message>
        <source>Nothing listens at this port.</source>
        <translation>Rien n’écoute sur ce port.</translation>
    </message>
    <message>
        <source>The connection was closed before the answer was whole.</source>
        <translation>La connexion a été fermée avant la fin de la réponse.</translation>
    </message>
    <message>
        <source>The host cannot be reached.</source>
        <translation>L’hôte est injoignable.</translation>
    </message>
    <message>
        <source>There was no whole answer in time.</source>
        <translation>Aucune réponse complète dans le délai imparti.</translation>
    </message>
    <message>
        <source>What answers does not speak HTTP.</source>
        <translation>Ce qui répond n’utilise pas HTTP.</translation>
    </message>
    <message>
        <source>The answer is too large.</source>
        <translation>La réponse est trop volumineuse.</translation>
    </message>
    <message>
        <source>TLS could not be set up.</source>
        <translation>Impossible d’établir TLS.</translation>
    </message>
</context>
<context>
    <name>relay::admin::MainWindow</name>
    <message>
        <source>Vauchi Relay Console</source>
        <translation>Console Vauchi Relay</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Fichier</translation>
    </message>
    <message>
        <source>&amp;Relay</source>
        <translation>&amp;Relais</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Aide</translation>
    </message>
    <message>
        <source>&amp;Import relays…</source>
        <translation>&amp;Importer des relais…</translation>
    </message>
    <message>
        <source>E&amp;xport relays…</source>
        <translation>E&amp;xporter les relais…</translation>
    </message>
    <message>
        <source>Export &amp;CSV of the visible range…</source>
        <translation>Exporter la plage visible en &amp;CSV…</translation>
    </message>
    <message>
        <source>&amp;Save a picture of the chart…</source>
        <translation>Enregistrer une ima&amp;ge du graphique…</translation>
    </message>
    <message>
        <source>&amp;Preferences…</source>
        <translation>&amp;Préférences…</translation>
    </message>
    <message>
        <source>Close &amp;window</source>
        <translation>&amp;Fermer la fenêtre</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Quitter</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Ajouter…</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;Modifier…</translation>
    </message>
    <message>
        <source>&amp;Duplicate</source>
        <translation>&amp;Dupliquer</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Supprimer</translation>
    </message>
    <message>
        <source>Move &amp;up</source>
        <translation>Déplacer vers le &amp;haut</translation>
    </message>
    <message>
        <source>Move do&amp;wn</source>
        <translation>Déplacer vers le &amp;bas</translation>
    </message>
    <message>
        <source>Ask &amp;now</source>
        <translation>&amp;Interroger maintenant</translation>
    </message>
    <message>
        <source>&amp;Find a metric</source>
        <translation>&amp;Rechercher une métrique</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>&amp;Raccourcis clavier</translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation>À &amp;propos</translation>
    </message>
    <message>
        <source>&amp;Show the window</source>
        <translation>&amp;Afficher la fenêtre</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Outils</translation>
    </message>
    <message>
        <source>Relays</source>
        <translation>Relais</translation>
    </message>
    <message>
        <source>&lt;h2&gt;No relay yet&lt;/h2&gt;Add the monitoring port of a relay to see how it is doing.</source>
        <translation>&lt;h2&gt;Aucun relais&lt;/h2&gt;Ajouter le port de supervision d’un relais pour voir comment il se porte.</translation>
    </message>
    <message>
        <source>A&amp;dd a relay…</source>
        <translation>A&amp;jouter un relais…</translation>
    </message>
    <message>
        <source>&amp;Overview</source>
        <translation>&amp;Vue d’ensemble</translation>
    </message>
    <message>
        <source>All &amp;metrics</source>
        <translation>Toutes les &amp;métriques</translation>
    </message>
    <message>
        <source>Ra&amp;w</source>
        <translation>Texte &amp;brut</translation>
    </message>
    <message>
        <source>Views of the relay</source>
        <translation>Vues du relais</translation>
    </message>
    <message>
        <source>%1 – Vauchi Relay Console</source>
        <translation>%1 – Console Vauchi Relay</translation>
    </message>
    <message>
        <source>A&amp;lerts</source>
        <translation>A&amp;lertes</translation>
    </message>
    <message numerus="yes">
        <source>A&amp;lerts (%n)</source>
        <translation>
            <numerusform>A&amp;lertes (%Ln)</numerusform>
            <numerusform>A&amp;lertes (%Ln)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n alert(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;alerte</numerusform>
            <numerusform>%Ln&#xa0;alertes</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1&#xa0;: %2</translation>
    </message>
    <message>
        <source>No longer: %1</source>
        <translation>Terminé&#xa0;: %1</translation>
    </message>
    <message>
        <source>%1 (copy)</source>
        <translation>%1 (copie)</translation>
    </message>
    <message>
        <source>Remove a relay</source>
        <translation>Supprimer un relais</translation>
    </message>
    <message>
        <source>Remove %1 from this list, with its history and its token?

The relay itself is not touched.</source>
        <translation>Supprimer %1 de cette liste, avec son historique et son jeton&#xa0;?

Le relais lui-même n’est pas modifié.</translation>
    </message>
    <message>
        <source>Import relays</source>
        <translation>Importer des relais</translation>
    </message>
    <message>
        <source>Relays (*.json);;All files (*)</source>
        <translation>Relais (*.json);;Tous les fichiers (*)</translation>
    </message>
    <message>
        <source>Export relays</source>
        <translation>Exporter les relais</translation>
    </message>
    <message>
        <source>Relays (*.json)</source>
        <translation>Relais (*.json)</translation>
    </message>
    <message>
        <source>Export CSV</source>
        <translation>Exporter en CSV</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>%1 n’a pas pu être écrit&#xa0;: %2</translation>
    </message>
    <message>
        <source>Save a picture</source>
        <translation>Enregistrer une image</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>About</source>
        <translation>À propos</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Vauchi Relay Console %1&lt;/h3&gt;&lt;p&gt;Watches store-and-forward relays. It reads what they say about themselves and changes nothing.&lt;/p&gt;&lt;p&gt;Free software under the GNU General Public License, version 3 or later. Qt %2.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;Console Vauchi Relay %1&lt;/h3&gt;&lt;p&gt;Surveille des relais de type «&#xa0;store-and-forward&#xa0;». Elle lit ce qu’ils disent d’eux-mêmes et ne modifie rien.&lt;/p&gt;&lt;p&gt;Logiciel libre sous licence publique générale GNU, version 3 ou ultérieure. Qt %2.&lt;/p&gt;</translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsModel</name>
    <message>
        <source>%1, %2 per second</source>
        <translation>%1, %2 par seconde</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>metric, unit</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1&#xa0;: %2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Étiquettes</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Valeur</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Taux</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Aide</translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsPage</name>
    <message>
        <source>F&amp;ilter:</source>
        <translation>F&amp;iltre&#xa0;:</translation>
    </message>
    <message>
        <source>Name, label or help</source>
        <translation>Nom, étiquette ou aide</translation>
    </message>
    <message>
        <source>Filter the metrics</source>
        <translation>Filtrer les métriques</translation>
    </message>
    <message>
        <source>All metrics</source>
        <translation>Toutes les métriques</translation>
    </message>
    <message>
        <source>&amp;Copy as in /metrics</source>
        <translation>&amp;Copier comme dans /metrics</translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;ligne</numerusform>
            <numerusform>%Ln&#xa0;lignes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::OverviewPage</name>
    <message numerus="yes">
        <source>%n min</source>
        <comment>range</comment>
        <translation>
            <numerusform>%Ln&#xa0;min</numerusform>
            <numerusform>%Ln&#xa0;min</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h</source>
        <comment>range</comment>
        <translation>
            <numerusform>%Ln&#xa0;h</numerusform>
            <numerusform>%Ln&#xa0;h</numerusform>
        </translation>
    </message>
    <message>
        <source>Show the last %1</source>
        <translation>Afficher la dernière période de %1</translation>
    </message>
    <message>
        <source>Back to &amp;now</source>
        <translation>Retour au &amp;direct</translation>
    </message>
    <message>
        <source>Export &amp;CSV…</source>
        <translation>Exporter en &amp;CSV…</translation>
    </message>
    <message>
        <source>version %1</source>
        <translation>version %1</translation>
    </message>
    <message>
        <source>up for %1</source>
        <translation>en service depuis %1</translation>
    </message>
    <message>
        <source>connections: %1</source>
        <translation>connexions&#xa0;: %1</translation>
    </message>
    <message>
        <source>stored blobs: %1 (%2)</source>
        <translation>blobs stockés&#xa0;: %1 (%2)</translation>
    </message>
    <message>
        <source>last answer %1 ago</source>
        <translation>dernière réponse il y a %1</translation>
    </message>
</context>
<context>
    <name>relay::admin::PreferencesDialog</name>
    <message>
        <source>Show a &amp;notification when an alert begins or ends</source>
        <translation>Afficher une &amp;notification quand une alerte commence ou se termine</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Préférences</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>Comme le bureau</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Clair</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Sombre</translation>
    </message>
    <message>
        <source>&amp;Theme:</source>
        <translation>&amp;Thème&#xa0;:</translation>
    </message>
    <message>
        <source>&amp;Language:</source>
        <translation>&amp;Langue&#xa0;:</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileDialog</name>
    <message>
        <source>&amp;Test connection</source>
        <translation>&amp;Tester la connexion</translation>
    </message>
    <message>
        <source>New relay</source>
        <translation>Nouveau relais</translation>
    </message>
    <message>
        <source>Edit %1</source>
        <translation>Modifier %1</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Maison</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Aucun</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>Name of the header</source>
        <translation>Nom de l’en-tête</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Valeur</translation>
    </message>
    <message>
        <source>Value of the header</source>
        <translation>Valeur de l’en-tête</translation>
    </message>
    <message>
        <source> s</source>
        <translation>&#xa0;s</translation>
    </message>
    <message>
        <source>&amp;Monitoring port:</source>
        <translation>Port de &amp;supervision&#xa0;:</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Nom&#xa0;:</translation>
    </message>
    <message>
        <source>&amp;Group:</source>
        <translation>&amp;Groupe&#xa0;:</translation>
    </message>
    <message>
        <source>C&amp;olour:</source>
        <translation>&amp;Couleur&#xa0;:</translation>
    </message>
    <message>
        <source>&amp;Public port (optional):</source>
        <translation>Port &amp;public (facultatif)&#xa0;:</translation>
    </message>
    <message>
        <source>&amp;Bearer token (optional):</source>
        <translation>&amp;Jeton Bearer (facultatif)&#xa0;:</translation>
    </message>
    <message>
        <source>It is kept in the desktop&apos;s keychain.</source>
        <translation>Il est conservé dans le trousseau du bureau.</translation>
    </message>
    <message>
        <source>There is no keychain: the token is forgotten when this program ends.</source>
        <translation>Aucun trousseau&#xa0;: le jeton est oublié à la fermeture de ce programme.</translation>
    </message>
    <message>
        <source>&amp;Authorities (PEM, optional):</source>
        <translation>&amp;Autorités (PEM, facultatif)&#xa0;:</translation>
    </message>
    <message>
        <source>&amp;Header for a proxy:</source>
        <translation>&amp;En-tête pour un proxy&#xa0;:</translation>
    </message>
    <message>
        <source>Ask &amp;every:</source>
        <translation>&amp;Interroger toutes les&#xa0;:</translation>
    </message>
    <message>
        <source>Bro&amp;wse…</source>
        <translation>Pa&amp;rcourir…</translation>
    </message>
    <message>
        <source>Authorities to trust</source>
        <translation>Autorités de confiance</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer);;All files (*)</source>
        <translation>Certificats (*.pem *.crt *.cer);;Tous les fichiers (*)</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileFaults</name>
    <message>
        <source>This is too long.</source>
        <translation>C’est trop long.</translation>
    </message>
    <message>
        <source>This is not an address. An example: %1://relay.example.org</source>
        <translation>Ce n’est pas une adresse. Exemple&#xa0;: %1://relay.example.org</translation>
    </message>
    <message>
        <source>This has to begin with %1:// or %2://.</source>
        <translation>Cela doit commencer par %1:// ou %2://.</translation>
    </message>
    <message>
        <source>The name of the host is missing.</source>
        <translation>Le nom de l’hôte est absent.</translation>
    </message>
    <message>
        <source>There is no port 0.</source>
        <translation>Le port 0 n’existe pas.</translation>
    </message>
    <message>
        <source>Names and passwords do not belong in an address.</source>
        <translation>Une adresse ne doit contenir ni nom d’utilisateur ni mot de passe.</translation>
    </message>
    <message>
        <source>An address of a server has no part after “#”.</source>
        <translation>L’adresse d’un serveur n’a pas de partie après «&#xa0;#&#xa0;».</translation>
    </message>
    <message>
        <source>The address of the monitoring port is missing.</source>
        <translation>L’adresse du port de supervision est absente.</translation>
    </message>
    <message>
        <source>The address of the monitoring port has no part after “?”.</source>
        <translation>L’adresse du port de supervision n’a pas de partie après «&#xa0;?&#xa0;».</translation>
    </message>
    <message numerus="yes">
        <source>This is longer than %n characters.</source>
        <translation>
            <numerusform>C’est plus long que %Ln&#xa0;caractère.</numerusform>
            <numerusform>C’est plus long que %Ln&#xa0;caractères.</numerusform>
        </translation>
    </message>
    <message>
        <source>This has characters that cannot be shown.</source>
        <translation>Cela contient des caractères non affichables.</translation>
    </message>
    <message>
        <source>The name is missing.</source>
        <translation>Le nom est absent.</translation>
    </message>
    <message>
        <source>This is not a file&apos;s name.</source>
        <translation>Ce n’est pas un nom de fichier.</translation>
    </message>
    <message>
        <source>The name of the header is missing.</source>
        <translation>Le nom de l’en-tête est absent.</translation>
    </message>
    <message>
        <source>The name of a header has letters, digits and hyphens only.</source>
        <translation>Le nom d’un en-tête ne contient que des lettres, des chiffres et des traits d’union.</translation>
    </message>
    <message>
        <source>This header is written by the program itself.</source>
        <translation>Cet en-tête est écrit par le programme lui-même.</translation>
    </message>
    <message>
        <source>The value of a header has ASCII characters on one line only.</source>
        <translation>La valeur d’un en-tête ne contient que des caractères ASCII sur une seule ligne.</translation>
    </message>
    <message>
        <source>The interval is between %1 and %2 seconds.</source>
        <translation>L’intervalle est compris entre %L1 et %L2&#xa0;secondes.</translation>
    </message>
    <message numerus="yes">
        <source>A token has ASCII characters without blanks, and is not longer than %n.</source>
        <translation>
            <numerusform>Un jeton est fait de caractères ASCII sans espaces, au plus %Ln&#xa0;caractère.</numerusform>
            <numerusform>Un jeton est fait de caractères ASCII sans espaces, au plus %Ln&#xa0;caractères.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileJson</name>
    <message>
        <source>field “%1”: %2</source>
        <comment>the place in a file, and what is wrong there</comment>
        <translation>champ «&#xa0;%1&#xa0;»&#xa0;: %2</translation>
    </message>
    <message>
        <source>This is not a text.</source>
        <translation>Ce n’est pas un texte.</translation>
    </message>
    <message>
        <source>This is not an address.</source>
        <translation>Ce n’est pas une adresse.</translation>
    </message>
    <message>
        <source>This colour is not known.</source>
        <translation>Cette couleur est inconnue.</translation>
    </message>
    <message>
        <source>This is not a number of seconds.</source>
        <translation>Ce n’est pas un nombre de secondes.</translation>
    </message>
    <message>
        <source>This is not JSON: line %1, column %2.</source>
        <translation>Ce n’est pas du JSON&#xa0;: ligne %L1, colonne %L2.</translation>
    </message>
    <message>
        <source>This is not a list of connection profiles.</source>
        <translation>Ce n’est pas une liste de profils de connexion.</translation>
    </message>
    <message>
        <source>This was written by a newer version of the program.</source>
        <translation>Ceci a été écrit par une version plus récente du programme.</translation>
    </message>
    <message>
        <source>This says no version that is known.</source>
        <translation>Aucune version connue n’est indiquée.</translation>
    </message>
    <message numerus="yes">
        <source>There are more than %n profiles.</source>
        <translation>
            <numerusform>Il y a plus de %Ln&#xa0;profil.</numerusform>
            <numerusform>Il y a plus de %Ln&#xa0;profils.</numerusform>
        </translation>
    </message>
    <message>
        <source>This is too large.</source>
        <translation>C’est trop volumineux.</translation>
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
        <translation>Impossible de lire les profils dans %1&#xa0;: %2</translation>
    </message>
    <message>
        <source>The profiles could not be read. %1 The file is kept as %2.</source>
        <translation>Les profils n’ont pas pu être lus. %1 Le fichier est conservé sous %2.</translation>
    </message>
    <message>
        <source>The profiles in %1 cannot be read. %2</source>
        <translation>Impossible de lire les profils dans %1. %2</translation>
    </message>
    <message>
        <source>Copy of %1</source>
        <translation>Copie de %1</translation>
    </message>
    <message numerus="yes">
        <source>There would be more than %n profiles.</source>
        <translation>
            <numerusform>Il y aurait plus de %Ln&#xa0;profil.</numerusform>
            <numerusform>Il y aurait plus de %Ln&#xa0;profils.</numerusform>
        </translation>
    </message>
    <message>
        <source>The profiles cannot be written to %1: %2</source>
        <translation>Impossible d’écrire les profils dans %1&#xa0;: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::RawPage</name>
    <message>
        <source>&amp;Update</source>
        <translation>Act&amp;ualiser</translation>
    </message>
    <message>
        <source>&amp;Copy all</source>
        <translation>&amp;Tout copier</translation>
    </message>
    <message>
        <source>The last answer of /metrics</source>
        <translation>La dernière réponse de /metrics</translation>
    </message>
    <message>
        <source>/metrics has not been read yet.</source>
        <translation>/metrics n’a pas encore été lu.</translation>
    </message>
    <message numerus="yes">
        <source>Read at %1, %n byte(s)</source>
        <translation>
            <numerusform>Lu&#xa0;: %1, %Ln&#xa0;octet</numerusform>
            <numerusform>Lu&#xa0;: %1, %Ln&#xa0;octets</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::RelayListModel</name>
    <message>
        <source>%1 and %2, number</source>
        <translation>%1 et %2, nombre</translation>
    </message>
    <message>
        <source>%1, number</source>
        <translation>%1, nombre</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>name of a relay, its state</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1&#xa0;: %2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nom</translation>
    </message>
    <message>
        <source>State</source>
        <translation>État</translation>
    </message>
    <message>
        <source>Uptime</source>
        <translation>Temps de service</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Connexions</translation>
    </message>
    <message>
        <source>Time since the last answer</source>
        <translation>Temps écoulé depuis la dernière réponse</translation>
    </message>
    <message>
        <source>Blobs</source>
        <translation>Blobs</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Âge</translation>
    </message>
</context>
<context>
    <name>relay::admin::RelayState</name>
    <message>
        <source>The bearer token is missing or wrong.</source>
        <translation>Le jeton Bearer est absent ou incorrect.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1&#xa0;: %2</translation>
    </message>
    <message>
        <source>The relay gives no reason</source>
        <translation>Le relais ne donne pas de raison</translation>
    </message>
    <message>
        <source>The relay has not answered for %1.</source>
        <translation>Le relais ne répond plus depuis %1.</translation>
    </message>
    <message>
        <source>The last answer is %1 old.</source>
        <translation>La dernière réponse date de %1.</translation>
    </message>
    <message>
        <source>/health failed</source>
        <translation>Échec de /health</translation>
    </message>
    <message>
        <source>/ready failed</source>
        <translation>Échec de /ready</translation>
    </message>
    <message>
        <source>/metrics failed</source>
        <translation>Échec de /metrics</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Inconnu</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>En service</translation>
    </message>
    <message>
        <source>Not ready</source>
        <translation>Pas prêt</translation>
    </message>
    <message>
        <source>Degraded</source>
        <translation>Dégradé</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Hors service</translation>
    </message>
    <message>
        <source>Stale</source>
        <translation>Périmé</translation>
    </message>
</context>
<context>
    <name>relay::admin::Series</name>
    <message>
        <source>Active</source>
        <translation>Actives</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>Limite</translation>
    </message>
    <message>
        <source>In</source>
        <translation>Entrants</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>Sortants</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Refusés</translation>
    </message>
    <message>
        <source>Rate-limited</source>
        <translation>Limités en débit</translation>
    </message>
    <message>
        <source>Blobs</source>
        <translation>Blobs</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Octets</translation>
    </message>
    <message>
        <source>Median (p50)</source>
        <translation>Médiane (p50)</translation>
    </message>
    <message>
        <source>Slowest of 100 (p99)</source>
        <translation>Le plus lent sur 100 (p99)</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Connexions</translation>
    </message>
    <message>
        <source>Messages per second</source>
        <translation>Messages par seconde</translation>
    </message>
    <message>
        <source>Refused messages per second</source>
        <translation>Messages refusés par seconde</translation>
    </message>
    <message>
        <source>Stored</source>
        <translation>Stockage</translation>
    </message>
    <message>
        <source>Time until a message is answered</source>
        <translation>Délai de réponse à un message</translation>
    </message>
    <message>
        <source>number</source>
        <translation>nombre</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>par seconde</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>octets</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>secondes</translation>
    </message>
</context>
<context>
    <name>relay::admin::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Raccourcis clavier</translation>
    </message>
    <message>
        <source>%1 or %2</source>
        <translation>%1 ou %2</translation>
    </message>
    <message>
        <source>Chart: earlier, later</source>
        <translation>Graphique&#xa0;: plus tôt, plus tard</translation>
    </message>
    <message>
        <source>Chart: closer, wider</source>
        <translation>Graphique&#xa0;: rapprocher, élargir</translation>
    </message>
    <message>
        <source>Chart: back to now</source>
        <translation>Graphique&#xa0;: retour au direct</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Action</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Touches</translation>
    </message>
</context>
<context>
    <name>relay::admin::StateLabel</name>
    <message>
        <source>%1: %2</source>
        <translation>%1&#xa0;: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::Tls</name>
    <message>
        <source>The file of authorities cannot be read, or holds no certificate.</source>
        <translation>Le fichier des autorités est illisible ou ne contient aucun certificat.</translation>
    </message>
</context>
</TS>
