<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es">
<context>
    <name>AlertRules</name>
    <message>
        <source>The relay does not answer.</source>
        <translation>El relé no responde.</translation>
    </message>
    <message>
        <source>The relay answers, but cannot take and keep messages.</source>
        <translation>El relé responde, pero no puede aceptar ni guardar mensajes.</translation>
    </message>
    <message>
        <source>The relay has restarted more than twice in 15 minutes.</source>
        <translation>El relé se ha reiniciado más de dos veces en 15 minutos.</translation>
    </message>
    <message>
        <source>More than 80 % of the connections that RELAY_MAX_CONNECTIONS allows are open.</source>
        <translation>Está abierto más del 80 % de las conexiones que permite RELAY_MAX_CONNECTIONS.</translation>
    </message>
    <message>
        <source>More than 95 % of the connections that RELAY_MAX_CONNECTIONS allows are open; soon clients are turned away.</source>
        <translation>Está abierto más del 95 % de las conexiones que permite RELAY_MAX_CONNECTIONS; pronto se rechazarán clientes.</translation>
    </message>
    <message>
        <source>More than five connections a second fail or are turned away.</source>
        <translation>Más de cinco conexiones por segundo fallan o se rechazan.</translation>
    </message>
    <message>
        <source>Every ten seconds or more often a client is cut off because it does not read.</source>
        <translation>Cada diez segundos o con más frecuencia se desconecta un cliente porque no lee.</translation>
    </message>
    <message>
        <source>Messages are refused because they cannot be stored: the disk is full, slow or damaged, or RELAY_MAX_STORAGE_BYTES is reached.</source>
        <translation>Se rechazan mensajes porque no se pueden almacenar: el disco está lleno, lento o dañado, o se ha alcanzado RELAY_MAX_STORAGE_BYTES.</translation>
    </message>
    <message>
        <source>More than one message a second is refused because a mailbox is full.</source>
        <translation>Más de un mensaje por segundo se rechaza porque un buzón está lleno.</translation>
    </message>
    <message>
        <source>More than ten messages a second are refused by the rate limiter: an attack, a broken client, or a limit that is too low.</source>
        <translation>El limitador de frecuencia rechaza más de diez mensajes por segundo: un ataque, un cliente defectuoso o un límite demasiado bajo.</translation>
    </message>
    <message>
        <source>One commit in a hundred takes more than half a second: the disk is slow or overloaded.</source>
        <translation>Una confirmación de cada cien tarda más de medio segundo: el disco está lento o sobrecargado.</translation>
    </message>
    <message>
        <source>One message in a hundred waits more than a second for its answer.</source>
        <translation>Un mensaje de cada cien espera su respuesta más de un segundo.</translation>
    </message>
    <message>
        <source>Messages wait that are too large for the encrypted sessions of their recipients.</source>
        <translation>Hay mensajes en espera demasiado grandes para las sesiones cifradas de sus destinatarios.</translation>
    </message>
    <message>
        <source>What has expired was not swept for three hours: three times RELAY_CLEANUP_INTERVAL_SECS, unless that was changed.</source>
        <translation>Lo caducado no se ha limpiado desde hace tres horas: tres veces RELAY_CLEANUP_INTERVAL_SECS, si no se ha cambiado.</translation>
    </message>
    <message>
        <source>More than 80 % of the files that the relay may open are open: raise LimitNOFILE.</source>
        <translation>Está abierto más del 80 % de los archivos que el relé puede abrir: aumentar LimitNOFILE.</translation>
    </message>
    <message>
        <source>More than 90 % of what RELAY_MAX_STORAGE_BYTES allows are stored.</source>
        <translation>Está almacenado más del 90 % de lo que permite RELAY_MAX_STORAGE_BYTES.</translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>Aceptar</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
</context>
<context>
    <name>relay::admin::AlertsModel</name>
    <message>
        <source>Critical</source>
        <translation>Crítica</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Advertencia</translation>
    </message>
    <message>
        <source>Firing, muted</source>
        <translation>Activa, silenciada</translation>
    </message>
    <message>
        <source>Ended, muted</source>
        <translation>Terminada, silenciada</translation>
    </message>
    <message>
        <source>Firing</source>
        <translation>Activa</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Terminada</translation>
    </message>
    <message>
        <source>%1, threshold %2</source>
        <comment>alert rule</comment>
        <translation>%1, umbral %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Gravedad</translation>
    </message>
    <message>
        <source>Relay</source>
        <translation>Relé</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>Alerta</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Estado</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Valor</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Desde</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>Hasta</translation>
    </message>
</context>
<context>
    <name>relay::admin::AlertsPage</name>
    <message>
        <source>Alerts</source>
        <translation>Alertas</translation>
    </message>
    <message>
        <source>Unmu&amp;te</source>
        <translation>De&amp;jar de silenciar</translation>
    </message>
    <message>
        <source>Mu&amp;te</source>
        <translation>&amp;Silenciar</translation>
    </message>
    <message>
        <source>No alert is firing, and none was since this program was started.</source>
        <translation>No hay ninguna alerta activa ni la ha habido desde que se inició este programa.</translation>
    </message>
</context>
<context>
    <name>relay::admin::Answers</name>
    <message>
        <source>The metrics are too large.</source>
        <translation>Las métricas son demasiado grandes.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics is too long.</source>
        <translation>La línea %L1 de las métricas es demasiado larga.</translation>
    </message>
    <message>
        <source>There are too many metrics.</source>
        <translation>Hay demasiadas métricas.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics has too many labels.</source>
        <translation>La línea %L1 de las métricas tiene demasiadas etiquetas.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics cannot be understood.</source>
        <translation>No se entiende la línea %L1 de las métricas.</translation>
    </message>
    <message>
        <source>This is not what /health of a relay says.</source>
        <translation>Esta no es una respuesta de /health de un relé.</translation>
    </message>
    <message>
        <source>This is not what /ready of a relay says.</source>
        <translation>Esta no es una respuesta de /ready de un relé.</translation>
    </message>
    <message>
        <source>The relay says that it is not ready.</source>
        <translation>El relé indica que no está preparado.</translation>
    </message>
    <message>
        <source>The metrics are not in Prometheus&apos; text format.</source>
        <translation>Las métricas no están en el formato de texto de Prometheus.</translation>
    </message>
</context>
<context>
    <name>relay::admin::ChartPanel</name>
    <message>
        <source>%1, as a table</source>
        <translation>%1, como tabla</translation>
    </message>
    <message>
        <source>Show %1 as a table</source>
        <translation>Mostrar como tabla: %1</translation>
    </message>
    <message>
        <source>Show as a table</source>
        <translation>Mostrar como tabla</translation>
    </message>
    <message>
        <source>Save a picture of %1</source>
        <translation>Guardar una imagen: %1</translation>
    </message>
    <message>
        <source>Save as a picture…</source>
        <translation>Guardar como imagen…</translation>
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
        <translation>Hora</translation>
    </message>
</context>
<context>
    <name>relay::admin::ColourTag</name>
    <message>
        <source>None</source>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rojo</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>Naranja</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>Amarillo</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Verde</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>Azul</translation>
    </message>
    <message>
        <source>Purple</source>
        <translation>Morado</translation>
    </message>
</context>
<context>
    <name>relay::admin::CommandLine</name>
    <message>
        <source>Show the relay that is called &lt;name&gt;.</source>
        <translation>Mostrar el relé llamado &lt;name&gt;.</translation>
    </message>
    <message>
        <source>Watch the monitoring port &lt;url&gt;; it is added if no relay has it.</source>
        <translation>Supervisar el puerto &lt;url&gt;; se añade si ningún relé lo tiene.</translation>
    </message>
    <message>
        <source>Start in the tray, or minimized.</source>
        <translation>Iniciar en la bandeja del sistema, o minimizado.</translation>
    </message>
    <message>
        <source>Watches store-and-forward relays: state, traffic, storage, alerts.</source>
        <translation>Supervisa relés de almacenamiento y reenvío: estado, tráfico, almacenamiento, alertas.</translation>
    </message>
    <message>
        <source>no relay is called “%1”</source>
        <translation>ningún relé se llama «%1»</translation>
    </message>
    <message>
        <source>unexpected argument “%1”</source>
        <translation>argumento inesperado «%1»</translation>
    </message>
</context>
<context>
    <name>relay::admin::ConnectionTest</name>
    <message numerus="yes">
        <source>Issued by %1. %n days left.</source>
        <translation>
            <numerusform>Emitido por %1. Queda %Ln día.</numerusform>
            <numerusform>Emitido por %1. Quedan %Ln días.</numerusform>
        </translation>
    </message>
    <message>
        <source>Renew the certificate; if it is new, look at the clocks of both computers.</source>
        <translation>Renovar el certificado; si es nuevo, comprobar los relojes de ambos equipos.</translation>
    </message>
    <message>
        <source>Use the name that the certificate was made for.</source>
        <translation>Usar el nombre para el que se emitió el certificado.</translation>
    </message>
    <message>
        <source>If the authority is your own, choose its file in the profile.</source>
        <translation>Si la autoridad es propia, elegir su archivo en el perfil.</translation>
    </message>
    <message>
        <source>Does this port speak TLS? Without it the address begins with http.</source>
        <translation>¿Usa TLS este puerto? Sin TLS, la dirección empieza por http.</translation>
    </message>
    <message>
        <source>Enter the token that the relay has in RELAY_METRICS_TOKEN.</source>
        <translation>Introducir el token que el relé tiene en RELAY_METRICS_TOKEN.</translation>
    </message>
    <message>
        <source>A proxy in front of the relay may ask for a header.</source>
        <translation>Puede que un proxy situado delante del relé exija una cabecera.</translation>
    </message>
    <message>
        <source>Is the path in the address right? A relay itself has none.</source>
        <translation>¿Es correcta la ruta de la dirección? Un relé por sí mismo no tiene ninguna.</translation>
    </message>
    <message>
        <source>Is this the monitoring port of a relay? It is usually 8081.</source>
        <translation>¿Es este el puerto de supervisión de un relé? Normalmente es el 8081.</translation>
    </message>
    <message>
        <source>Enter the address that it points to, if you trust it.</source>
        <translation>Introducir la dirección a la que apunta, si es de confianza.</translation>
    </message>
    <message>
        <source>The relay runs, but takes no messages now; see its log.</source>
        <translation>El relé funciona, pero ahora no acepta mensajes; consultar su registro.</translation>
    </message>
    <message>
        <source>Something is there and does not answer. Is it the right port?</source>
        <translation>Hay algo, pero no responde. ¿Es el puerto correcto?</translation>
    </message>
    <message>
        <source>Version %1.</source>
        <translation>Versión %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n metrics.</source>
        <translation>
            <numerusform>%Ln métrica.</numerusform>
            <numerusform>%Ln métricas.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>name of a check, reason</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Name of the host</source>
        <translation>Nombre del host</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Conexión</translation>
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
        <translation>Cancelado.</translation>
    </message>
    <message>
        <source>A step before it failed.</source>
        <translation>Falló un paso anterior.</translation>
    </message>
    <message>
        <source>There was no answer in time.</source>
        <translation>No hubo respuesta a tiempo.</translation>
    </message>
    <message>
        <source>The monitoring port is often open to its own computer alone. Then open a tunnel, “%1”, and enter http://127.0.0.1:8081 as address.</source>
        <translation>A menudo el puerto de supervisión solo está abierto a su propio equipo. En ese caso, abrir un túnel, «%1», e introducir http://127.0.0.1:8081 como dirección.</translation>
    </message>
    <message>
        <source>The address has no name.</source>
        <translation>La dirección no contiene ningún nombre.</translation>
    </message>
    <message>
        <source>The name of the host is not known.</source>
        <translation>El nombre del host es desconocido.</translation>
    </message>
    <message>
        <source>Is it written right? Is this computer connected to the network it belongs to?</source>
        <translation>¿Está bien escrito? ¿Está este equipo conectado a la red a la que pertenece?</translation>
    </message>
    <message>
        <source>Connected to port %1.</source>
        <translation>Conectado al puerto %1.</translation>
    </message>
    <message>
        <source>Nothing listens at this port.</source>
        <translation>Nada escucha en este puerto.</translation>
    </message>
    <message>
        <source>The host cannot be reached.</source>
        <translation>No se puede alcanzar el host.</translation>
    </message>
    <message>
        <source>The address begins with http.</source>
        <translation>La dirección empieza por http.</translation>
    </message>
    <message>
        <source>Choose a file with certificates in PEM format.</source>
        <translation>Elegir un archivo con certificados en formato PEM.</translation>
    </message>
    <message>
        <source>TLS could not be set up.</source>
        <translation>No se pudo establecer TLS.</translation>
    </message>
    <message>
        <source>The profile has no address of the public port.</source>
        <translation>El perfil no tiene la dirección del puerto público.</translation>
    </message>
    <message>
        <source>The upgrade was taken.</source>
        <translation>Se aceptó el cambio a WebSocket.</translation>
    </message>
    <message>
        <source>Does the proxy run? Is the port open in the firewall?</source>
        <translation>¿Está en marcha el proxy? ¿Está abierto el puerto en el cortafuegos?</translation>
    </message>
    <message>
        <source>The upgrade to WebSocket was not taken.</source>
        <translation>No se aceptó el cambio a WebSocket.</translation>
    </message>
    <message>
        <source>A proxy in front of the relay has to pass on the headers Upgrade and Connection, and the path has to be the right one.</source>
        <translation>Un proxy situado delante del relé debe reenviar las cabeceras Upgrade y Connection, y la ruta debe ser la correcta.</translation>
    </message>
</context>
<context>
    <name>relay::admin::ConnectionTestView</name>
    <message>
        <source>waiting</source>
        <translation>en espera</translation>
    </message>
    <message>
        <source>running…</source>
        <translation>en curso…</translation>
    </message>
    <message>
        <source>in order</source>
        <translation>correcto</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fallido</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>omitido</translation>
    </message>
    <message>
        <source>Connection test</source>
        <translation>Prueba de conexión</translation>
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
        <translation>No se pudo leer el historial, que ahora es %1: %2</translation>
    </message>
    <message>
        <source>The history is not kept: %1</source>
        <translation>El historial no se guarda: %1</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>No se puede leer %1: %2</translation>
    </message>
    <message>
        <source>%1 is too large to be a list of relays.</source>
        <translation>%1 es demasiado grande para ser una lista de relés.</translation>
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
            <numerusform>%Ln día</numerusform>
            <numerusform>%Ln días</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%Ln hora</numerusform>
            <numerusform>%Ln horas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%Ln minuto</numerusform>
            <numerusform>%Ln minutos</numerusform>
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
            <numerusform>%Ln segundo</numerusform>
            <numerusform>%Ln segundos</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>connections used, most</comment>
        <translation>%1 de %2</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <comment>days, hours</comment>
        <translation>%1 d %2 h</translation>
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
        <translation>está dañado</translation>
    </message>
    <message>
        <source>it belongs to another program</source>
        <translation>pertenece a otro programa</translation>
    </message>
    <message>
        <source>a newer version of this program wrote it</source>
        <translation>lo escribió una versión más reciente de este programa</translation>
    </message>
</context>
<context>
    <name>relay::admin::HttpQuery</name>
    <message>
        <source>The token is missing or wrong.</source>
        <translation>El token falta o es incorrecto.</translation>
    </message>
    <message>
        <source>The server says that it is not available.</source>
        <translation>El servidor indica que no está disponible.</translation>
    </message>
    <message>
        <source>The server points to another address, which is not followed.</source>
        <translation>El servidor remite a otra dirección, que no se sigue.</translation>
    </message>
    <message>
        <source>The server answers with status %1.</source>
        <translation>El servidor responde con el estado %1.</translation>
    </message>
    <message>
        <source>The name of the host is not known.</source>
        <translation>El nombre del host es desconocido.</translation>
    </message>
    <message>
        <source>Nothing listens at this port.</source>
        <translation>Nada escucha en este puerto.</translation>
    </message>
    <message>
        <source>The connection was closed before the answer was whole.</source>
        <translation>La conexión se cerró antes de que la respuesta estuviera completa.</translation>
    </message>
    <message>
        <source>The host cannot be reached.</source>
        <translation>No se puede alcanzar el host.</translation>
    </message>
    <message>
        <source>There was no whole answer in time.</source>
        <translation>No hubo una respuesta completa a tiempo.</translation>
    </message>
    <message>
        <source>What answers does not speak HTTP.</source>
        <translation>Lo que responde no usa HTTP.</translation>
    </message>
    <message>
        <source>The answer is too large.</source>
        <translation>La respuesta es demasiado grande.</translation>
    </message>
    <message>
        <source>TLS could not be set up.</source>
        <translation>No se pudo establecer TLS.</translation>
    </message>
</context>
<context>
    <name>relay::admin::MainWindow</name>
    <message>
        <source>Vauchi Relay Console</source>
        <translation>Consola de Vauchi Relay</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Archivo</translation>
    </message>
    <message>
        <source>&amp;Relay</source>
        <translation>&amp;Relé</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>Ay&amp;uda</translation>
    </message>
    <message>
        <source>&amp;Import relays…</source>
        <translation>&amp;Importar relés…</translation>
    </message>
    <message>
        <source>E&amp;xport relays…</source>
        <translation>E&amp;xportar relés…</translation>
    </message>
    <message>
        <source>Export &amp;CSV of the visible range…</source>
        <translation>Exportar el intervalo visible a &amp;CSV…</translation>
    </message>
    <message>
        <source>&amp;Save a picture of the chart…</source>
        <translation>&amp;Guardar una imagen del gráfico…</translation>
    </message>
    <message>
        <source>&amp;Preferences…</source>
        <translation>&amp;Preferencias…</translation>
    </message>
    <message>
        <source>Close &amp;window</source>
        <translation>Cerrar &amp;ventana</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Salir</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Añadir…</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;Editar…</translation>
    </message>
    <message>
        <source>&amp;Duplicate</source>
        <translation>&amp;Duplicar</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Quitar</translation>
    </message>
    <message>
        <source>Move &amp;up</source>
        <translation>&amp;Subir</translation>
    </message>
    <message>
        <source>Move do&amp;wn</source>
        <translation>&amp;Bajar</translation>
    </message>
    <message>
        <source>Ask &amp;now</source>
        <translation>&amp;Consultar ahora</translation>
    </message>
    <message>
        <source>&amp;Find a metric</source>
        <translation>Buscar una &amp;métrica</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>&amp;Atajos de teclado</translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation>Acerca &amp;de</translation>
    </message>
    <message>
        <source>&amp;Show the window</source>
        <translation>&amp;Mostrar la ventana</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Herramientas</translation>
    </message>
    <message>
        <source>Relays</source>
        <translation>Relés</translation>
    </message>
    <message>
        <source>&lt;h2&gt;No relay yet&lt;/h2&gt;Add the monitoring port of a relay to see how it is doing.</source>
        <translation>&lt;h2&gt;Aún no hay ningún relé&lt;/h2&gt;Añade el puerto de supervisión de un relé para ver cómo está.</translation>
    </message>
    <message>
        <source>A&amp;dd a relay…</source>
        <translation>Aña&amp;dir un relé…</translation>
    </message>
    <message>
        <source>&amp;Overview</source>
        <translation>&amp;Vista general</translation>
    </message>
    <message>
        <source>All &amp;metrics</source>
        <translation>Todas las &amp;métricas</translation>
    </message>
    <message>
        <source>Ra&amp;w</source>
        <translation>&amp;Texto sin formato</translation>
    </message>
    <message>
        <source>Views of the relay</source>
        <translation>Vistas del relé</translation>
    </message>
    <message>
        <source>%1 – Vauchi Relay Console</source>
        <translation>%1 – Consola de Vauchi Relay</translation>
    </message>
    <message>
        <source>A&amp;lerts</source>
        <translation>A&amp;lertas</translation>
    </message>
    <message numerus="yes">
        <source>A&amp;lerts (%n)</source>
        <translation>
            <numerusform>A&amp;lertas (%Ln)</numerusform>
            <numerusform>A&amp;lertas (%Ln)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n alert(s)</source>
        <translation>
            <numerusform>%Ln alerta</numerusform>
            <numerusform>%Ln alertas</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>No longer: %1</source>
        <translation>Ya no: %1</translation>
    </message>
    <message>
        <source>%1 (copy)</source>
        <translation>%1 (copia)</translation>
    </message>
    <message>
        <source>Remove a relay</source>
        <translation>Quitar un relé</translation>
    </message>
    <message>
        <source>Remove %1 from this list, with its history and its token?

The relay itself is not touched.</source>
        <translation>¿Quitar %1 de esta lista, con su historial y su token?

El relé en sí no se modifica.</translation>
    </message>
    <message>
        <source>Import relays</source>
        <translation>Importar relés</translation>
    </message>
    <message>
        <source>Relays (*.json);;All files (*)</source>
        <translation>Relés (*.json);;Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Export relays</source>
        <translation>Exportar relés</translation>
    </message>
    <message>
        <source>Relays (*.json)</source>
        <translation>Relés (*.json)</translation>
    </message>
    <message>
        <source>Export CSV</source>
        <translation>Exportar CSV</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>No se pudo escribir %1: %2</translation>
    </message>
    <message>
        <source>Save a picture</source>
        <translation>Guardar una imagen</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Acerca de</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Vauchi Relay Console %1&lt;/h3&gt;&lt;p&gt;Watches store-and-forward relays. It reads what they say about themselves and changes nothing.&lt;/p&gt;&lt;p&gt;Free software under the GNU General Public License, version 3 or later. Qt %2.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;Consola de Vauchi Relay %1&lt;/h3&gt;&lt;p&gt;Supervisa relés de almacenamiento y reenvío. Lee lo que dicen de sí mismos y no cambia nada.&lt;/p&gt;&lt;p&gt;Software libre bajo la Licencia Pública General de GNU, versión 3 o posterior. Qt %2.&lt;/p&gt;</translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsModel</name>
    <message>
        <source>%1, %2 per second</source>
        <translation>%1, %2 por segundo</translation>
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
        <translation>Nombre</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Etiquetas</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Valor</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Tasa</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Ayuda</translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsPage</name>
    <message>
        <source>F&amp;ilter:</source>
        <translation>F&amp;iltro:</translation>
    </message>
    <message>
        <source>Name, label or help</source>
        <translation>Nombre, etiqueta o ayuda</translation>
    </message>
    <message>
        <source>Filter the metrics</source>
        <translation>Filtrar las métricas</translation>
    </message>
    <message>
        <source>All metrics</source>
        <translation>Todas las métricas</translation>
    </message>
    <message>
        <source>&amp;Copy as in /metrics</source>
        <translation>&amp;Copiar como en /metrics</translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%Ln fila</numerusform>
            <numerusform>%Ln filas</numerusform>
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
        <translation>Mostrar el último intervalo de %1</translation>
    </message>
    <message>
        <source>Back to &amp;now</source>
        <translation>Volver al &amp;presente</translation>
    </message>
    <message>
        <source>Export &amp;CSV…</source>
        <translation>Exportar &amp;CSV…</translation>
    </message>
    <message>
        <source>version %1</source>
        <translation>versión %1</translation>
    </message>
    <message>
        <source>up for %1</source>
        <translation>en servicio desde hace %1</translation>
    </message>
    <message>
        <source>connections: %1</source>
        <translation>conexiones: %1</translation>
    </message>
    <message>
        <source>stored blobs: %1 (%2)</source>
        <translation>blobs almacenados: %1 (%2)</translation>
    </message>
    <message>
        <source>last answer %1 ago</source>
        <translation>última respuesta hace %1</translation>
    </message>
</context>
<context>
    <name>relay::admin::PreferencesDialog</name>
    <message>
        <source>Show a &amp;notification when an alert begins or ends</source>
        <translation>Mostrar una &amp;notificación cuando empiece o termine una alerta</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Preferencias</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>Como el escritorio</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Claro</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Oscuro</translation>
    </message>
    <message>
        <source>&amp;Theme:</source>
        <translation>&amp;Tema:</translation>
    </message>
    <message>
        <source>&amp;Language:</source>
        <translation>&amp;Idioma:</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileDialog</name>
    <message>
        <source>&amp;Test connection</source>
        <translation>P&amp;robar la conexión</translation>
    </message>
    <message>
        <source>New relay</source>
        <translation>Relé nuevo</translation>
    </message>
    <message>
        <source>Edit %1</source>
        <translation>Editar %1</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Casa</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>Name of the header</source>
        <translation>Nombre de la cabecera</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Valor</translation>
    </message>
    <message>
        <source>Value of the header</source>
        <translation>Valor de la cabecera</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source>&amp;Monitoring port:</source>
        <translation>Puerto de &amp;supervisión:</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Nombre:</translation>
    </message>
    <message>
        <source>&amp;Group:</source>
        <translation>&amp;Grupo:</translation>
    </message>
    <message>
        <source>C&amp;olour:</source>
        <translation>&amp;Color:</translation>
    </message>
    <message>
        <source>&amp;Public port (optional):</source>
        <translation>&amp;Puerto público (opcional):</translation>
    </message>
    <message>
        <source>&amp;Bearer token (optional):</source>
        <translation>&amp;Token Bearer (opcional):</translation>
    </message>
    <message>
        <source>It is kept in the desktop&apos;s keychain.</source>
        <translation>Se guarda en el llavero del escritorio.</translation>
    </message>
    <message>
        <source>There is no keychain: the token is forgotten when this program ends.</source>
        <translation>No hay llavero: el token se olvida al cerrar este programa.</translation>
    </message>
    <message>
        <source>&amp;Authorities (PEM, optional):</source>
        <translation>&amp;Autoridades (PEM, opcional):</translation>
    </message>
    <message>
        <source>&amp;Header for a proxy:</source>
        <translation>Ca&amp;becera para un proxy:</translation>
    </message>
    <message>
        <source>Ask &amp;every:</source>
        <translation>Consultar ca&amp;da:</translation>
    </message>
    <message>
        <source>Bro&amp;wse…</source>
        <translation>E&amp;xaminar…</translation>
    </message>
    <message>
        <source>Authorities to trust</source>
        <translation>Autoridades de confianza</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer);;All files (*)</source>
        <translation>Certificados (*.pem *.crt *.cer);;Todos los archivos (*)</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileFaults</name>
    <message>
        <source>This is too long.</source>
        <translation>Esto es demasiado largo.</translation>
    </message>
    <message>
        <source>This is not an address. An example: %1://relay.example.org</source>
        <translation>Esto no es una dirección. Un ejemplo: %1://relay.example.org</translation>
    </message>
    <message>
        <source>This has to begin with %1:// or %2://.</source>
        <translation>Debe empezar por %1:// o %2://.</translation>
    </message>
    <message>
        <source>The name of the host is missing.</source>
        <translation>Falta el nombre del host.</translation>
    </message>
    <message>
        <source>There is no port 0.</source>
        <translation>El puerto 0 no existe.</translation>
    </message>
    <message>
        <source>Names and passwords do not belong in an address.</source>
        <translation>Los nombres de usuario y las contraseñas no van en una dirección.</translation>
    </message>
    <message>
        <source>An address of a server has no part after “#”.</source>
        <translation>La dirección de un servidor no tiene nada después de «#».</translation>
    </message>
    <message>
        <source>The address of the monitoring port is missing.</source>
        <translation>Falta la dirección del puerto de supervisión.</translation>
    </message>
    <message>
        <source>The address of the monitoring port has no part after “?”.</source>
        <translation>La dirección del puerto de supervisión no tiene nada después de «?».</translation>
    </message>
    <message numerus="yes">
        <source>This is longer than %n characters.</source>
        <translation>
            <numerusform>Esto tiene más de %Ln carácter.</numerusform>
            <numerusform>Esto tiene más de %Ln caracteres.</numerusform>
        </translation>
    </message>
    <message>
        <source>This has characters that cannot be shown.</source>
        <translation>Esto contiene caracteres que no se pueden mostrar.</translation>
    </message>
    <message>
        <source>The name is missing.</source>
        <translation>Falta el nombre.</translation>
    </message>
    <message>
        <source>This is not a file&apos;s name.</source>
        <translation>Esto no es un nombre de archivo.</translation>
    </message>
    <message>
        <source>The name of the header is missing.</source>
        <translation>Falta el nombre de la cabecera.</translation>
    </message>
    <message>
        <source>The name of a header has letters, digits and hyphens only.</source>
        <translation>El nombre de una cabecera solo tiene letras, cifras y guiones.</translation>
    </message>
    <message>
        <source>This header is written by the program itself.</source>
        <translation>Esta cabecera la escribe el propio programa.</translation>
    </message>
    <message>
        <source>The value of a header has ASCII characters on one line only.</source>
        <translation>El valor de una cabecera solo tiene caracteres ASCII en una línea.</translation>
    </message>
    <message>
        <source>The interval is between %1 and %2 seconds.</source>
        <translation>El intervalo está entre %L1 y %L2 segundos.</translation>
    </message>
    <message numerus="yes">
        <source>A token has ASCII characters without blanks, and is not longer than %n.</source>
        <translation>
            <numerusform>Un token tiene caracteres ASCII sin espacios, como máximo %Ln.</numerusform>
            <numerusform>Un token tiene caracteres ASCII sin espacios, como máximo %Ln.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileJson</name>
    <message>
        <source>field “%1”: %2</source>
        <comment>the place in a file, and what is wrong there</comment>
        <translation>campo «%1»: %2</translation>
    </message>
    <message>
        <source>This is not a text.</source>
        <translation>Esto no es un texto.</translation>
    </message>
    <message>
        <source>This is not an address.</source>
        <translation>Esto no es una dirección.</translation>
    </message>
    <message>
        <source>This colour is not known.</source>
        <translation>Este color es desconocido.</translation>
    </message>
    <message>
        <source>This is not a number of seconds.</source>
        <translation>Esto no es un número de segundos.</translation>
    </message>
    <message>
        <source>This is not JSON: line %1, column %2.</source>
        <translation>Esto no es JSON: línea %L1, columna %L2.</translation>
    </message>
    <message>
        <source>This is not a list of connection profiles.</source>
        <translation>Esto no es una lista de perfiles de conexión.</translation>
    </message>
    <message>
        <source>This was written by a newer version of the program.</source>
        <translation>Esto lo escribió una versión más reciente del programa.</translation>
    </message>
    <message>
        <source>This says no version that is known.</source>
        <translation>No se indica ninguna versión conocida.</translation>
    </message>
    <message numerus="yes">
        <source>There are more than %n profiles.</source>
        <translation>
            <numerusform>Hay más de %Ln perfil.</numerusform>
            <numerusform>Hay más de %Ln perfiles.</numerusform>
        </translation>
    </message>
    <message>
        <source>This is too large.</source>
        <translation>Esto es demasiado grande.</translation>
    </message>
    <message>
        <source>Profile %1, %2</source>
        <comment>number of a profile; “field …: fault”</comment>
        <translation>Perfil %L1, %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileStore</name>
    <message>
        <source>The profiles in %1 cannot be read: %2</source>
        <translation>No se pueden leer los perfiles de %1: %2</translation>
    </message>
    <message>
        <source>The profiles could not be read. %1 The file is kept as %2.</source>
        <translation>No se pudieron leer los perfiles. %1 El archivo se conserva como %2.</translation>
    </message>
    <message>
        <source>The profiles in %1 cannot be read. %2</source>
        <translation>No se pueden leer los perfiles de %1. %2</translation>
    </message>
    <message>
        <source>Copy of %1</source>
        <translation>Copia de %1</translation>
    </message>
    <message numerus="yes">
        <source>There would be more than %n profiles.</source>
        <translation>
            <numerusform>Habría más de %Ln perfil.</numerusform>
            <numerusform>Habría más de %Ln perfiles.</numerusform>
        </translation>
    </message>
    <message>
        <source>The profiles cannot be written to %1: %2</source>
        <translation>No se pueden escribir los perfiles en %1: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::RawPage</name>
    <message>
        <source>&amp;Update</source>
        <translation>Actuali&amp;zar</translation>
    </message>
    <message>
        <source>&amp;Copy all</source>
        <translation>&amp;Copiar todo</translation>
    </message>
    <message>
        <source>The last answer of /metrics</source>
        <translation>La última respuesta de /metrics</translation>
    </message>
    <message>
        <source>/metrics has not been read yet.</source>
        <translation>/metrics aún no se ha leído.</translation>
    </message>
    <message numerus="yes">
        <source>Read at %1, %n byte(s)</source>
        <translation>
            <numerusform>Leído: %1, %Ln byte</numerusform>
            <numerusform>Leído: %1, %Ln bytes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::RelayListModel</name>
    <message>
        <source>%1 and %2, number</source>
        <translation>%1 y %2, cantidad</translation>
    </message>
    <message>
        <source>%1, number</source>
        <translation>%1, cantidad</translation>
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
        <translation>Nombre</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Estado</translation>
    </message>
    <message>
        <source>Uptime</source>
        <translation>Tiempo en servicio</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Versión</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Conexiones</translation>
    </message>
    <message>
        <source>Time since the last answer</source>
        <translation>Tiempo desde la última respuesta</translation>
    </message>
    <message>
        <source>Blobs</source>
        <translation>Blobs</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Edad</translation>
    </message>
</context>
<context>
    <name>relay::admin::RelayState</name>
    <message>
        <source>The bearer token is missing or wrong.</source>
        <translation>El token Bearer falta o es incorrecto.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>The relay gives no reason</source>
        <translation>El relé no indica el motivo</translation>
    </message>
    <message>
        <source>The relay has not answered for %1.</source>
        <translation>El relé no responde desde hace %1.</translation>
    </message>
    <message>
        <source>The last answer is %1 old.</source>
        <translation>La última respuesta tiene una antigüedad de %1.</translation>
    </message>
    <message>
        <source>/health failed</source>
        <translation>/health ha fallado</translation>
    </message>
    <message>
        <source>/ready failed</source>
        <translation>/ready ha fallado</translation>
    </message>
    <message>
        <source>/metrics failed</source>
        <translation>/metrics ha fallado</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Desconocido</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>En servicio</translation>
    </message>
    <message>
        <source>Not ready</source>
        <translation>No preparado</translation>
    </message>
    <message>
        <source>Degraded</source>
        <translation>Degradado</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Caído</translation>
    </message>
    <message>
        <source>Stale</source>
        <translation>Sin datos recientes</translation>
    </message>
</context>
<context>
    <name>relay::admin::Series</name>
    <message>
        <source>Active</source>
        <translation>Activas</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>Límite</translation>
    </message>
    <message>
        <source>In</source>
        <translation>Entrantes</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>Salientes</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Rechazados</translation>
    </message>
    <message>
        <source>Rate-limited</source>
        <translation>Limitados por frecuencia</translation>
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
        <translation>Mediana (p50)</translation>
    </message>
    <message>
        <source>Slowest of 100 (p99)</source>
        <translation>El más lento de 100 (p99)</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Conexiones</translation>
    </message>
    <message>
        <source>Messages per second</source>
        <translation>Mensajes por segundo</translation>
    </message>
    <message>
        <source>Refused messages per second</source>
        <translation>Mensajes rechazados por segundo</translation>
    </message>
    <message>
        <source>Stored</source>
        <translation>Almacenado</translation>
    </message>
    <message>
        <source>Time until a message is answered</source>
        <translation>Tiempo hasta responder a un mensaje</translation>
    </message>
    <message>
        <source>number</source>
        <translation>cantidad</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>por segundo</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>bytes</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>segundos</translation>
    </message>
</context>
<context>
    <name>relay::admin::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Atajos de teclado</translation>
    </message>
    <message>
        <source>%1 or %2</source>
        <translation>%1 o %2</translation>
    </message>
    <message>
        <source>Chart: earlier, later</source>
        <translation>Gráfico: antes, después</translation>
    </message>
    <message>
        <source>Chart: closer, wider</source>
        <translation>Gráfico: acercar, alejar</translation>
    </message>
    <message>
        <source>Chart: back to now</source>
        <translation>Gráfico: volver al presente</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Acción</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Teclas</translation>
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
        <translation>El archivo de autoridades no se puede leer o no contiene ningún certificado.</translation>
    </message>
</context>
</TS>
