<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ar">
<context>
    <name>AlertRules</name>
    <message>
        <source>The relay does not answer.</source>
        <translation>المرحّل لا يستجيب.</translation>
    </message>
    <message>
        <source>The relay answers, but cannot take and keep messages.</source>
        <translation>المرحّل يستجيب، لكنه لا يستطيع قبول الرسائل وحفظها.</translation>
    </message>
    <message>
        <source>The relay has restarted more than twice in 15 minutes.</source>
        <translation>أُعيد تشغيل المرحّل أكثر من مرتين خلال 15 دقيقة.</translation>
    </message>
    <message>
        <source>More than 80 % of the connections that RELAY_MAX_CONNECTIONS allows are open.</source>
        <translation>أكثر من 80 % من الاتصالات التي يسمح بها RELAY_MAX_CONNECTIONS مفتوحة.</translation>
    </message>
    <message>
        <source>More than 95 % of the connections that RELAY_MAX_CONNECTIONS allows are open; soon clients are turned away.</source>
        <translation>أكثر من 95 % من الاتصالات التي يسمح بها RELAY_MAX_CONNECTIONS مفتوحة؛ وقريبًا سيُردّ العملاء.</translation>
    </message>
    <message>
        <source>More than five connections a second fail or are turned away.</source>
        <translation>أكثر من خمسة اتصالات في الثانية تفشل أو تُرفض.</translation>
    </message>
    <message>
        <source>Every ten seconds or more often a client is cut off because it does not read.</source>
        <translation>كل عشر ثوانٍ أو أقل يُقطع عميل لأنه لا يقرأ.</translation>
    </message>
    <message>
        <source>Messages are refused because they cannot be stored: the disk is full, slow or damaged, or RELAY_MAX_STORAGE_BYTES is reached.</source>
        <translation>تُرفض الرسائل لتعذّر تخزينها: القرص ممتلئ أو بطيء أو تالف، أو بُلغ RELAY_MAX_STORAGE_BYTES.</translation>
    </message>
    <message>
        <source>More than one message a second is refused because a mailbox is full.</source>
        <translation>تُرفض أكثر من رسالة في الثانية لأن صندوق بريد ممتلئ.</translation>
    </message>
    <message>
        <source>More than ten messages a second are refused by the rate limiter: an attack, a broken client, or a limit that is too low.</source>
        <translation>يرفض مقيِّد المعدل أكثر من عشر رسائل في الثانية: هجوم أو عميل معطوب أو حد منخفض جدًا.</translation>
    </message>
    <message>
        <source>One commit in a hundred takes more than half a second: the disk is slow or overloaded.</source>
        <translation>عملية إيداع من كل مئة تستغرق أكثر من نصف ثانية: القرص بطيء أو محمَّل فوق طاقته.</translation>
    </message>
    <message>
        <source>One message in a hundred waits more than a second for its answer.</source>
        <translation>رسالة من كل مئة تنتظر ردها أكثر من ثانية.</translation>
    </message>
    <message>
        <source>Messages wait that are too large for the encrypted sessions of their recipients.</source>
        <translation>رسائل في الانتظار أكبر من أن تحملها الجلسات المشفّرة لمستلميها.</translation>
    </message>
    <message>
        <source>What has expired was not swept for three hours: three times RELAY_CLEANUP_INTERVAL_SECS, unless that was changed.</source>
        <translation>لم يُنظَّف ما انتهت صلاحيته منذ ثلاث ساعات: أي ثلاثة أضعاف RELAY_CLEANUP_INTERVAL_SECS ما لم تُغيَّر قيمته.</translation>
    </message>
    <message>
        <source>More than 80 % of the files that the relay may open are open: raise LimitNOFILE.</source>
        <translation>أكثر من 80 % من الملفات التي يجوز للمرحّل فتحها مفتوحة: ارفع قيمة LimitNOFILE.</translation>
    </message>
    <message>
        <source>More than 90 % of what RELAY_MAX_STORAGE_BYTES allows are stored.</source>
        <translation>المخزَّن أكثر من 90 % مما يسمح به RELAY_MAX_STORAGE_BYTES.</translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>موافق</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>إلغاء</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>إغلاق</translation>
    </message>
</context>
<context>
    <name>relay::admin::AlertsModel</name>
    <message>
        <source>Critical</source>
        <translation>حرج</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>تحذير</translation>
    </message>
    <message>
        <source>Firing, muted</source>
        <translation>نشط، مكتوم</translation>
    </message>
    <message>
        <source>Ended, muted</source>
        <translation>انتهى، مكتوم</translation>
    </message>
    <message>
        <source>Firing</source>
        <translation>نشط</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>انتهى</translation>
    </message>
    <message>
        <source>%1, threshold %2</source>
        <comment>alert rule</comment>
        <translation>%1، العتبة %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>الخطورة</translation>
    </message>
    <message>
        <source>Relay</source>
        <translation>المرحّل</translation>
    </message>
    <message>
        <source>Alert</source>
        <translation>التنبيه</translation>
    </message>
    <message>
        <source>State</source>
        <translation>الحالة</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>القيمة</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>منذ</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>حتى</translation>
    </message>
</context>
<context>
    <name>relay::admin::AlertsPage</name>
    <message>
        <source>Alerts</source>
        <translation>التنبيهات</translation>
    </message>
    <message>
        <source>Unmu&amp;te</source>
        <translation>إلغاء الك&amp;تم</translation>
    </message>
    <message>
        <source>Mu&amp;te</source>
        <translation>ك&amp;تم</translation>
    </message>
    <message>
        <source>No alert is firing, and none was since this program was started.</source>
        <translation>لا يوجد تنبيه نشط، ولم يكن هناك أي تنبيه منذ بدء هذا البرنامج.</translation>
    </message>
</context>
<context>
    <name>relay::admin::Answers</name>
    <message>
        <source>The metrics are too large.</source>
        <translation>المقاييس أكبر من المسموح.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics is too long.</source>
        <translation>السطر %L1 من المقاييس أطول من المسموح.</translation>
    </message>
    <message>
        <source>There are too many metrics.</source>
        <translation>عدد المقاييس أكبر من المسموح.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics has too many labels.</source>
        <translation>في السطر %L1 من المقاييس وسوم أكثر من المسموح.</translation>
    </message>
    <message>
        <source>Line %1 of the metrics cannot be understood.</source>
        <translation>تعذّر فهم السطر %L1 من المقاييس.</translation>
    </message>
    <message>
        <source>This is not what /health of a relay says.</source>
        <translation>ليست هذه استجابة ‎/health من مرحّل.</translation>
    </message>
    <message>
        <source>This is not what /ready of a relay says.</source>
        <translation>ليست هذه استجابة ‎/ready من مرحّل.</translation>
    </message>
    <message>
        <source>The relay says that it is not ready.</source>
        <translation>المرحّل يفيد بأنه غير جاهز.</translation>
    </message>
    <message>
        <source>The metrics are not in Prometheus&apos; text format.</source>
        <translation>المقاييس ليست بصيغة Prometheus النصية.</translation>
    </message>
</context>
<context>
    <name>relay::admin::ChartPanel</name>
    <message>
        <source>%1, as a table</source>
        <translation>%1، كجدول</translation>
    </message>
    <message>
        <source>Show %1 as a table</source>
        <translation>عرض كجدول: %1</translation>
    </message>
    <message>
        <source>Show as a table</source>
        <translation>عرض كجدول</translation>
    </message>
    <message>
        <source>Save a picture of %1</source>
        <translation>حفظ صورة: %1</translation>
    </message>
    <message>
        <source>Save as a picture…</source>
        <translation>حفظ كصورة…</translation>
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
        <translation>الوقت</translation>
    </message>
</context>
<context>
    <name>relay::admin::ColourTag</name>
    <message>
        <source>None</source>
        <translation>بلا لون</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>أحمر</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>برتقالي</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>أصفر</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>أخضر</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>أزرق</translation>
    </message>
    <message>
        <source>Purple</source>
        <translation>بنفسجي</translation>
    </message>
</context>
<context>
    <name>relay::admin::CommandLine</name>
    <message>
        <source>Show the relay that is called &lt;name&gt;.</source>
        <translation>عرض المرحّل المسمّى &lt;name&gt;.</translation>
    </message>
    <message>
        <source>Watch the monitoring port &lt;url&gt;; it is added if no relay has it.</source>
        <translation>مراقبة منفذ المراقبة &lt;url&gt;؛ يُضاف إن لم يكن لدى أي مرحّل.</translation>
    </message>
    <message>
        <source>Start in the tray, or minimized.</source>
        <translation>البدء في صينية النظام أو مصغّرًا.</translation>
    </message>
    <message>
        <source>Watches store-and-forward relays: state, traffic, storage, alerts.</source>
        <translation>تراقب مرحّلات التخزين والتمرير: الحالة وحركة الرسائل والتخزين والتنبيهات.</translation>
    </message>
    <message>
        <source>no relay is called “%1”</source>
        <translation>لا يوجد مرحّل باسم «⁨%1⁩»</translation>
    </message>
    <message>
        <source>unexpected argument “%1”</source>
        <translation>وسيط غير متوقع «⁨%1⁩»</translation>
    </message>
</context>
<context>
    <name>relay::admin::ConnectionTest</name>
    <message numerus="yes">
        <source>Issued by %1. %n days left.</source>
        <translation>
            <numerusform>أصدرها ⁨%1⁩. لم يبقَ أي يوم.</numerusform>
            <numerusform>أصدرها ⁨%1⁩. بقي يوم واحد.</numerusform>
            <numerusform>أصدرها ⁨%1⁩. بقي يومان.</numerusform>
            <numerusform>أصدرها ⁨%1⁩. بقيت %Ln أيام.</numerusform>
            <numerusform>أصدرها ⁨%1⁩. بقي %Ln يومًا.</numerusform>
            <numerusform>أصدرها ⁨%1⁩. بقي %Ln يوم.</numerusform>
        </translation>
    </message>
    <message>
        <source>Renew the certificate; if it is new, look at the clocks of both computers.</source>
        <translation>جدِّد الشهادة؛ وإن كانت جديدة فتحقق من ساعتي الجهازين.</translation>
    </message>
    <message>
        <source>Use the name that the certificate was made for.</source>
        <translation>استخدم الاسم الذي صدرت له الشهادة.</translation>
    </message>
    <message>
        <source>If the authority is your own, choose its file in the profile.</source>
        <translation>إن كانت جهة التصديق خاصة بك فاختر ملفها في ملف التعريف.</translation>
    </message>
    <message>
        <source>Does this port speak TLS? Without it the address begins with http.</source>
        <translation>هل يستخدم هذا المنفذ TLS؟ بدونه يبدأ العنوان بـ http.</translation>
    </message>
    <message>
        <source>Enter the token that the relay has in RELAY_METRICS_TOKEN.</source>
        <translation>أدخل الرمز الموجود لدى المرحّل في RELAY_METRICS_TOKEN.</translation>
    </message>
    <message>
        <source>A proxy in front of the relay may ask for a header.</source>
        <translation>ربما يطلب وكيل أمام المرحّل ترويسة.</translation>
    </message>
    <message>
        <source>Is the path in the address right? A relay itself has none.</source>
        <translation>هل المسار في العنوان صحيح؟ المرحّل نفسه لا مسار له.</translation>
    </message>
    <message>
        <source>Is this the monitoring port of a relay? It is usually 8081.</source>
        <translation>هل هذا منفذ المراقبة لمرحّل؟ هو عادةً 8081.</translation>
    </message>
    <message>
        <source>Enter the address that it points to, if you trust it.</source>
        <translation>أدخل العنوان الذي يشير إليه إن كنت تثق به.</translation>
    </message>
    <message>
        <source>The relay runs, but takes no messages now; see its log.</source>
        <translation>المرحّل يعمل لكنه لا يقبل رسائل الآن؛ راجع سجله.</translation>
    </message>
    <message>
        <source>Something is there and does not answer. Is it the right port?</source>
        <translation>هناك شيء لا يستجيب. هل هذا هو المنفذ الصحيح؟</translation>
    </message>
    <message>
        <source>Version %1.</source>
        <translation>الإصدار %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n metrics.</source>
        <translation>
            <numerusform>لا مقاييس.</numerusform>
            <numerusform>مقياس واحد.</numerusform>
            <numerusform>مقياسان.</numerusform>
            <numerusform>%Ln مقاييس.</numerusform>
            <numerusform>%Ln مقياسًا.</numerusform>
            <numerusform>%Ln مقياس.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>name of a check, reason</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Name of the host</source>
        <translation>اسم المضيف</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>الاتصال</translation>
    </message>
    <message>
        <source>TLS</source>
        <translation>TLS</translation>
    </message>
    <message>
        <source>/health</source>
        <translation>‎/health</translation>
    </message>
    <message>
        <source>/ready</source>
        <translation>‎/ready</translation>
    </message>
    <message>
        <source>/metrics</source>
        <translation>‎/metrics</translation>
    </message>
    <message>
        <source>WebSocket</source>
        <translation>WebSocket</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>أُلغي.</translation>
    </message>
    <message>
        <source>A step before it failed.</source>
        <translation>فشلت خطوة سابقة.</translation>
    </message>
    <message>
        <source>There was no answer in time.</source>
        <translation>لم تصل استجابة في الوقت المحدد.</translation>
    </message>
    <message>
        <source>The monitoring port is often open to its own computer alone. Then open a tunnel, “%1”, and enter http://127.0.0.1:8081 as address.</source>
        <translation>كثيرًا ما يكون منفذ المراقبة مفتوحًا لجهازه فقط. عندئذٍ افتح نفقًا، «⁨%1⁩»، وأدخل العنوان http://127.0.0.1:8081.</translation>
    </message>
    <message>
        <source>The address has no name.</source>
        <translation>لا يحتوي العنوان على اسم.</translation>
    </message>
    <message>
        <source>The name of the host is not known.</source>
        <translation>اسم المضيف غير معروف.</translation>
    </message>
    <message>
        <source>Is it written right? Is this computer connected to the network it belongs to?</source>
        <translation>هل كُتب صحيحًا؟ هل هذا الجهاز متصل بالشبكة التي ينتمي إليها المضيف؟</translation>
    </message>
    <message>
        <source>Connected to port %1.</source>
        <translation>متصل بالمنفذ %1.</translation>
    </message>
    <message>
        <source>Nothing listens at this port.</source>
        <translation>لا شيء يستمع على هذا المنفذ.</translation>
    </message>
    <message>
        <source>The host cannot be reached.</source>
        <translation>يتعذّر الوصول إلى المضيف.</translation>
    </message>
    <message>
        <source>The address begins with http.</source>
        <translation>يبدأ العنوان بـ http.</translation>
    </message>
    <message>
        <source>Choose a file with certificates in PEM format.</source>
        <translation>اختر ملف شهادات بصيغة PEM.</translation>
    </message>
    <message>
        <source>TLS could not be set up.</source>
        <translation>تعذّر إنشاء اتصال TLS.</translation>
    </message>
    <message>
        <source>The profile has no address of the public port.</source>
        <translation>لا يحتوي ملف التعريف على عنوان المنفذ العام.</translation>
    </message>
    <message>
        <source>The upgrade was taken.</source>
        <translation>قُبلت الترقية.</translation>
    </message>
    <message>
        <source>Does the proxy run? Is the port open in the firewall?</source>
        <translation>هل يعمل الوكيل؟ هل المنفذ مفتوح في الجدار الناري؟</translation>
    </message>
    <message>
        <source>The upgrade to WebSocket was not taken.</source>
        <translation>لم تُقبل الترقية إلى WebSocket.</translation>
    </message>
    <message>
        <source>A proxy in front of the relay has to pass on the headers Upgrade and Connection, and the path has to be the right one.</source>
        <translation>يجب أن يمرّر الوكيل الذي أمام المرحّل الترويستين Upgrade وConnection، وأن يكون المسار صحيحًا.</translation>
    </message>
</context>
<context>
    <name>relay::admin::ConnectionTestView</name>
    <message>
        <source>waiting</source>
        <translation>في الانتظار</translation>
    </message>
    <message>
        <source>running…</source>
        <translation>قيد التنفيذ…</translation>
    </message>
    <message>
        <source>in order</source>
        <translation>سليم</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>فشل</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>تُخطّي</translation>
    </message>
    <message>
        <source>Connection test</source>
        <translation>اختبار الاتصال</translation>
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
        <translation>تعذّرت قراءة السجل التاريخي، واسمه الآن ⁨%1⁩: %2</translation>
    </message>
    <message>
        <source>The history is not kept: %1</source>
        <translation>لا يُحفظ السجل التاريخي: %1</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>تتعذّر قراءة ⁨%1⁩: %2</translation>
    </message>
    <message>
        <source>%1 is too large to be a list of relays.</source>
        <translation>الملف ⁨%1⁩ أكبر من أن يكون قائمة مرحّلات.</translation>
    </message>
</context>
<context>
    <name>relay::admin::Formats</name>
    <message>
        <source>%1/s</source>
        <translation>%1/ث</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 ث</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ملي ث</translation>
    </message>
    <message>
        <source>%1 µs</source>
        <translation>%1 ميكرو ث</translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%Ln يوم</numerusform>
            <numerusform>يوم واحد</numerusform>
            <numerusform>يومان</numerusform>
            <numerusform>%Ln أيام</numerusform>
            <numerusform>%Ln يومًا</numerusform>
            <numerusform>%Ln يوم</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%Ln ساعة</numerusform>
            <numerusform>ساعة واحدة</numerusform>
            <numerusform>ساعتان</numerusform>
            <numerusform>%Ln ساعات</numerusform>
            <numerusform>%Ln ساعةً</numerusform>
            <numerusform>%Ln ساعة</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%Ln دقيقة</numerusform>
            <numerusform>دقيقة واحدة</numerusform>
            <numerusform>دقيقتان</numerusform>
            <numerusform>%Ln دقائق</numerusform>
            <numerusform>%Ln دقيقةً</numerusform>
            <numerusform>%Ln دقيقة</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>two units of time</comment>
        <translation>%1 و%2</translation>
    </message>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%Ln ثانية</numerusform>
            <numerusform>ثانية واحدة</numerusform>
            <numerusform>ثانيتان</numerusform>
            <numerusform>%Ln ثوانٍ</numerusform>
            <numerusform>%Ln ثانيةً</numerusform>
            <numerusform>%Ln ثانية</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>connections used, most</comment>
        <translation>%1 من %2</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <comment>days, hours</comment>
        <translation>%1 ي %2 س</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <comment>hours, minutes</comment>
        <translation>%1 س %2 د</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <comment>minutes, seconds</comment>
        <translation>%1 د %2 ث</translation>
    </message>
    <message>
        <source>%1 s</source>
        <comment>seconds</comment>
        <translation>%1 ث</translation>
    </message>
</context>
<context>
    <name>relay::admin::HistoryStore</name>
    <message>
        <source>it is damaged</source>
        <translation>إنه تالف</translation>
    </message>
    <message>
        <source>it belongs to another program</source>
        <translation>إنه تابع لبرنامج آخر</translation>
    </message>
    <message>
        <source>a newer version of this program wrote it</source>
        <translation>كتبه إصدار أحدث من هذا البرنامج</translation>
    </message>
</context>
<context>
    <name>relay::admin::HttpQuery</name>
    <message>
        <source>The token is missing or wrong.</source>
        <translation>الرمز مفقود أو خاطئ.</translation>
    </message>
    <message>
        <source>The server says that it is not available.</source>
        <translation>يفيد الخادم بأنه غير متاح.</translation>
    </message>
    <message>
        <source>The server points to another address, which is not followed.</source>
        <translation>يحيل الخادم إلى عنوان آخر، ولا تُتبع الإحالة.</translation>
    </message>
    <message>
        <source>The server answers with status %1.</source>
        <translation>يستجيب الخادم بالحالة %1.</translation>
    </message>
    <message>
        <source>The name of the host is not known.</source>
        <translation>اسم المضيف غير معروف.</translation>
    </message>
    <message>
        <source>Nothing listens at this port.</source>
        <translation>لا شيء يستمع على هذا المنفذ.</translation>
    </message>
    <message>
        <source>The connection was closed before the answer was whole.</source>
        <translation>أُغلق الاتصال قبل اكتمال الاستجابة.</translation>
    </message>
    <message>
        <source>The host cannot be reached.</source>
        <translation>يتعذّر الوصول إلى المضيف.</translation>
    </message>
    <message>
        <source>There was no whole answer in time.</source>
        <translation>لم تصل استجابة كاملة في الوقت المحدد.</translation>
    </message>
    <message>
        <source>What answers does not speak HTTP.</source>
        <translation>الطرف المستجيب لا يستخدم HTTP.</translation>
    </message>
    <message>
        <source>The answer is too large.</source>
        <translation>الاستجابة أكبر من المسموح.</translation>
    </message>
    <message>
        <source>TLS could not be set up.</source>
        <translation>تعذّر إنشاء اتصال TLS.</translation>
    </message>
</context>
<context>
    <name>relay::admin::MainWindow</name>
    <message>
        <source>Vauchi Relay Console</source>
        <translation>لوحة مراقبة مرحّلات Vauchi</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;ملف</translation>
    </message>
    <message>
        <source>&amp;Relay</source>
        <translation>المر&amp;حّل</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>مسا&amp;عدة</translation>
    </message>
    <message>
        <source>&amp;Import relays…</source>
        <translation>ا&amp;ستيراد مرحّلات…</translation>
    </message>
    <message>
        <source>E&amp;xport relays…</source>
        <translation>&amp;تصدير المرحّلات…</translation>
    </message>
    <message>
        <source>Export &amp;CSV of the visible range…</source>
        <translation>تصدير النطاق ال&amp;ظاهر بصيغة CSV…</translation>
    </message>
    <message>
        <source>&amp;Save a picture of the chart…</source>
        <translation>&amp;حفظ صورة للمخطط…</translation>
    </message>
    <message>
        <source>&amp;Preferences…</source>
        <translation>التف&amp;ضيلات…</translation>
    </message>
    <message>
        <source>Close &amp;window</source>
        <translation>إ&amp;غلاق النافذة</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;خروج</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>إ&amp;ضافة…</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;تحرير…</translation>
    </message>
    <message>
        <source>&amp;Duplicate</source>
        <translation>ت&amp;كرار</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>إ&amp;زالة</translation>
    </message>
    <message>
        <source>Move &amp;up</source>
        <translation>نقل لأ&amp;على</translation>
    </message>
    <message>
        <source>Move do&amp;wn</source>
        <translation>نقل لأ&amp;سفل</translation>
    </message>
    <message>
        <source>Ask &amp;now</source>
        <translation>استعلام ال&amp;آن</translation>
    </message>
    <message>
        <source>&amp;Find a metric</source>
        <translation>الب&amp;حث عن مقياس</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>اختصارات لوحة ال&amp;مفاتيح</translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation>&amp;حول</translation>
    </message>
    <message>
        <source>&amp;Show the window</source>
        <translation>إ&amp;ظهار النافذة</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>الأدوات</translation>
    </message>
    <message>
        <source>Relays</source>
        <translation>المرحّلات</translation>
    </message>
    <message>
        <source>&lt;h2&gt;No relay yet&lt;/h2&gt;Add the monitoring port of a relay to see how it is doing.</source>
        <translation>&lt;h2&gt;لا يوجد مرحّل بعد&lt;/h2&gt;أضف منفذ المراقبة لمرحّل لمعرفة حاله.</translation>
    </message>
    <message>
        <source>A&amp;dd a relay…</source>
        <translation>إضا&amp;فة مرحّل…</translation>
    </message>
    <message>
        <source>&amp;Overview</source>
        <translation>&amp;نظرة عامة</translation>
    </message>
    <message>
        <source>All &amp;metrics</source>
        <translation>&amp;كل المقاييس</translation>
    </message>
    <message>
        <source>Ra&amp;w</source>
        <translation>نص &amp;خام</translation>
    </message>
    <message>
        <source>Views of the relay</source>
        <translation>طرق عرض المرحّل</translation>
    </message>
    <message>
        <source>%1 – Vauchi Relay Console</source>
        <translation>⁨%1⁩ – لوحة مراقبة مرحّلات Vauchi</translation>
    </message>
    <message>
        <source>A&amp;lerts</source>
        <translation>التنبي&amp;هات</translation>
    </message>
    <message numerus="yes">
        <source>A&amp;lerts (%n)</source>
        <translation>
            <numerusform>التنبي&amp;هات (%Ln)</numerusform>
            <numerusform>التنبي&amp;هات (%Ln)</numerusform>
            <numerusform>التنبي&amp;هات (%Ln)</numerusform>
            <numerusform>التنبي&amp;هات (%Ln)</numerusform>
            <numerusform>التنبي&amp;هات (%Ln)</numerusform>
            <numerusform>التنبي&amp;هات (%Ln)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n alert(s)</source>
        <translation>
            <numerusform>لا تنبيهات</numerusform>
            <numerusform>تنبيه واحد</numerusform>
            <numerusform>تنبيهان</numerusform>
            <numerusform>%Ln تنبيهات</numerusform>
            <numerusform>%Ln تنبيهًا</numerusform>
            <numerusform>%Ln تنبيه</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>No longer: %1</source>
        <translation>انتهى: %1</translation>
    </message>
    <message>
        <source>%1 (copy)</source>
        <translation>⁨%1⁩ (نسخة)</translation>
    </message>
    <message>
        <source>Remove a relay</source>
        <translation>إزالة مرحّل</translation>
    </message>
    <message>
        <source>Remove %1 from this list, with its history and its token?

The relay itself is not touched.</source>
        <translation>هل تريد إزالة ⁨%1⁩ من هذه القائمة مع سجله التاريخي ورمزه؟

لن يُمَسّ المرحّل نفسه.</translation>
    </message>
    <message>
        <source>Import relays</source>
        <translation>استيراد مرحّلات</translation>
    </message>
    <message>
        <source>Relays (*.json);;All files (*)</source>
        <translation>المرحّلات (*.json);;كل الملفات (*)</translation>
    </message>
    <message>
        <source>Export relays</source>
        <translation>تصدير المرحّلات</translation>
    </message>
    <message>
        <source>Relays (*.json)</source>
        <translation>المرحّلات (*.json)</translation>
    </message>
    <message>
        <source>Export CSV</source>
        <translation>تصدير CSV</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>تعذّرت كتابة ⁨%1⁩: %2</translation>
    </message>
    <message>
        <source>Save a picture</source>
        <translation>حفظ صورة</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>About</source>
        <translation>حول</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Vauchi Relay Console %1&lt;/h3&gt;&lt;p&gt;Watches store-and-forward relays. It reads what they say about themselves and changes nothing.&lt;/p&gt;&lt;p&gt;Free software under the GNU General Public License, version 3 or later. Qt %2.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;لوحة مراقبة مرحّلات Vauchi %1&lt;/h3&gt;&lt;p&gt;تراقب مرحّلات التخزين والتمرير. تقرأ ما تقوله المرحّلات عن نفسها ولا تغيّر شيئًا.&lt;/p&gt;&lt;p&gt;برنامج حر برخصة غنو العمومية (GNU GPL)، الإصدار 3 أو ما بعده. Qt %2.&lt;/p&gt;</translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsModel</name>
    <message>
        <source>%1, %2 per second</source>
        <translation>%1، %2 في الثانية</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>metric, unit</comment>
        <translation>%1، %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>الاسم</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>الوسوم</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>القيمة</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>المعدل</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>مساعدة</translation>
    </message>
</context>
<context>
    <name>relay::admin::MetricsPage</name>
    <message>
        <source>F&amp;ilter:</source>
        <translation>التر&amp;شيح:</translation>
    </message>
    <message>
        <source>Name, label or help</source>
        <translation>الاسم أو الوسم أو المساعدة</translation>
    </message>
    <message>
        <source>Filter the metrics</source>
        <translation>ترشيح المقاييس</translation>
    </message>
    <message>
        <source>All metrics</source>
        <translation>كل المقاييس</translation>
    </message>
    <message>
        <source>&amp;Copy as in /metrics</source>
        <translation>ن&amp;سخ كما في ‎/metrics</translation>
    </message>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>لا صفوف</numerusform>
            <numerusform>صف واحد</numerusform>
            <numerusform>صفان</numerusform>
            <numerusform>%Ln صفوف</numerusform>
            <numerusform>%Ln صفًا</numerusform>
            <numerusform>%Ln صف</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::OverviewPage</name>
    <message numerus="yes">
        <source>%n min</source>
        <comment>range</comment>
        <translation>
            <numerusform>%Ln دقيقة</numerusform>
            <numerusform>دقيقة</numerusform>
            <numerusform>دقيقتان</numerusform>
            <numerusform>%Ln دقائق</numerusform>
            <numerusform>%Ln دقيقةً</numerusform>
            <numerusform>%Ln دقيقة</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h</source>
        <comment>range</comment>
        <translation>
            <numerusform>%Ln ساعة</numerusform>
            <numerusform>ساعة</numerusform>
            <numerusform>ساعتان</numerusform>
            <numerusform>%Ln ساعات</numerusform>
            <numerusform>%Ln ساعةً</numerusform>
            <numerusform>%Ln ساعة</numerusform>
        </translation>
    </message>
    <message>
        <source>Show the last %1</source>
        <translation>عرض آخر %1</translation>
    </message>
    <message>
        <source>Back to &amp;now</source>
        <translation>العودة إلى الو&amp;قت الحالي</translation>
    </message>
    <message>
        <source>Export &amp;CSV…</source>
        <translation>ت&amp;صدير CSV…</translation>
    </message>
    <message>
        <source>version %1</source>
        <translation>الإصدار %1</translation>
    </message>
    <message>
        <source>up for %1</source>
        <translation>مدة التشغيل: %1</translation>
    </message>
    <message>
        <source>connections: %1</source>
        <translation>الاتصالات: %1</translation>
    </message>
    <message>
        <source>stored blobs: %1 (%2)</source>
        <translation>الكتل المخزَّنة: %1 (%2)</translation>
    </message>
    <message>
        <source>last answer %1 ago</source>
        <translation>عمر آخر استجابة: %1</translation>
    </message>
</context>
<context>
    <name>relay::admin::PreferencesDialog</name>
    <message>
        <source>Show a &amp;notification when an alert begins or ends</source>
        <translation>إظهار إ&amp;شعار عند بدء تنبيه أو انتهائه</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>التفضيلات</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>كما في سطح المكتب</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>فاتح</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>داكن</translation>
    </message>
    <message>
        <source>&amp;Theme:</source>
        <translation>ال&amp;سمة:</translation>
    </message>
    <message>
        <source>&amp;Language:</source>
        <translation>ال&amp;لغة:</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileDialog</name>
    <message>
        <source>&amp;Test connection</source>
        <translation>ا&amp;ختبار الاتصال</translation>
    </message>
    <message>
        <source>New relay</source>
        <translation>مرحّل جديد</translation>
    </message>
    <message>
        <source>Edit %1</source>
        <translation>تحرير ⁨%1⁩</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>المنزل</translation>
    </message>
    <message>
        <source>None</source>
        <translation>لا شيء</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>الاسم</translation>
    </message>
    <message>
        <source>Name of the header</source>
        <translation>اسم الترويسة</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>القيمة</translation>
    </message>
    <message>
        <source>Value of the header</source>
        <translation>قيمة الترويسة</translation>
    </message>
    <message>
        <source> s</source>
        <translation> ث</translation>
    </message>
    <message>
        <source>&amp;Monitoring port:</source>
        <translation>منفذ المرا&amp;قبة:</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>الا&amp;سم:</translation>
    </message>
    <message>
        <source>&amp;Group:</source>
        <translation>ال&amp;مجموعة:</translation>
    </message>
    <message>
        <source>C&amp;olour:</source>
        <translation>الل&amp;ون:</translation>
    </message>
    <message>
        <source>&amp;Public port (optional):</source>
        <translation>المنفذ ال&amp;عام (اختياري):</translation>
    </message>
    <message>
        <source>&amp;Bearer token (optional):</source>
        <translation>&amp;رمز Bearer (اختياري):</translation>
    </message>
    <message>
        <source>It is kept in the desktop&apos;s keychain.</source>
        <translation>يُحفظ في سلسلة مفاتيح سطح المكتب.</translation>
    </message>
    <message>
        <source>There is no keychain: the token is forgotten when this program ends.</source>
        <translation>لا توجد سلسلة مفاتيح: يُنسى الرمز عند انتهاء هذا البرنامج.</translation>
    </message>
    <message>
        <source>&amp;Authorities (PEM, optional):</source>
        <translation>&amp;جهات التصديق (PEM، اختياري):</translation>
    </message>
    <message>
        <source>&amp;Header for a proxy:</source>
        <translation>&amp;ترويسة للوكيل:</translation>
    </message>
    <message>
        <source>Ask &amp;every:</source>
        <translation>الفا&amp;صل الزمني:</translation>
    </message>
    <message>
        <source>Bro&amp;wse…</source>
        <translation>استعرا&amp;ض…</translation>
    </message>
    <message>
        <source>Authorities to trust</source>
        <translation>جهات التصديق الموثوقة</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer);;All files (*)</source>
        <translation>الشهادات (*.pem *.crt *.cer);;كل الملفات (*)</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileFaults</name>
    <message>
        <source>This is too long.</source>
        <translation>هذا أطول من المسموح.</translation>
    </message>
    <message>
        <source>This is not an address. An example: %1://relay.example.org</source>
        <translation>هذا ليس عنوانًا. مثال: %1://relay.example.org</translation>
    </message>
    <message>
        <source>This has to begin with %1:// or %2://.</source>
        <translation>يجب أن يبدأ بـ ‎%1://‎ أو ‎%2://‎.</translation>
    </message>
    <message>
        <source>The name of the host is missing.</source>
        <translation>اسم المضيف مفقود.</translation>
    </message>
    <message>
        <source>There is no port 0.</source>
        <translation>لا وجود للمنفذ 0.</translation>
    </message>
    <message>
        <source>Names and passwords do not belong in an address.</source>
        <translation>لا مكان لأسماء المستخدمين وكلمات المرور في العنوان.</translation>
    </message>
    <message>
        <source>An address of a server has no part after “#”.</source>
        <translation>عنوان الخادم لا يحوي شيئًا بعد «#».</translation>
    </message>
    <message>
        <source>The address of the monitoring port is missing.</source>
        <translation>عنوان منفذ المراقبة مفقود.</translation>
    </message>
    <message>
        <source>The address of the monitoring port has no part after “?”.</source>
        <translation>عنوان منفذ المراقبة لا يحوي شيئًا بعد «?».</translation>
    </message>
    <message numerus="yes">
        <source>This is longer than %n characters.</source>
        <translation>
            <numerusform>هذا ليس فارغًا.</numerusform>
            <numerusform>هذا أطول من محرف واحد.</numerusform>
            <numerusform>هذا أطول من محرفين.</numerusform>
            <numerusform>هذا أطول من %Ln محارف.</numerusform>
            <numerusform>هذا أطول من %Ln محرفًا.</numerusform>
            <numerusform>هذا أطول من %Ln محرف.</numerusform>
        </translation>
    </message>
    <message>
        <source>This has characters that cannot be shown.</source>
        <translation>يحتوي هذا على محارف لا يمكن عرضها.</translation>
    </message>
    <message>
        <source>The name is missing.</source>
        <translation>الاسم مفقود.</translation>
    </message>
    <message>
        <source>This is not a file&apos;s name.</source>
        <translation>هذا ليس اسم ملف.</translation>
    </message>
    <message>
        <source>The name of the header is missing.</source>
        <translation>اسم الترويسة مفقود.</translation>
    </message>
    <message>
        <source>The name of a header has letters, digits and hyphens only.</source>
        <translation>اسم الترويسة يتكوّن من حروف لاتينية وأرقام وشرطات فقط.</translation>
    </message>
    <message>
        <source>This header is written by the program itself.</source>
        <translation>هذه الترويسة يكتبها البرنامج نفسه.</translation>
    </message>
    <message>
        <source>The value of a header has ASCII characters on one line only.</source>
        <translation>قيمة الترويسة محارف ASCII في سطر واحد فقط.</translation>
    </message>
    <message>
        <source>The interval is between %1 and %2 seconds.</source>
        <translation>الفاصل الزمني بين %L1 و%L2 ثانية.</translation>
    </message>
    <message numerus="yes">
        <source>A token has ASCII characters without blanks, and is not longer than %n.</source>
        <translation>
            <numerusform>الرمز محارف ASCII بلا فراغات، ولا يجوز أن يحوي شيئًا.</numerusform>
            <numerusform>الرمز محارف ASCII بلا فراغات، بطول محرف واحد على الأكثر.</numerusform>
            <numerusform>الرمز محارف ASCII بلا فراغات، بطول محرفين على الأكثر.</numerusform>
            <numerusform>الرمز محارف ASCII بلا فراغات، بطول %Ln محارف على الأكثر.</numerusform>
            <numerusform>الرمز محارف ASCII بلا فراغات، بطول %Ln محرفًا على الأكثر.</numerusform>
            <numerusform>الرمز محارف ASCII بلا فراغات، بطول %Ln محرف على الأكثر.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileJson</name>
    <message>
        <source>field “%1”: %2</source>
        <comment>the place in a file, and what is wrong there</comment>
        <translation>الحقل «%1»: %2</translation>
    </message>
    <message>
        <source>This is not a text.</source>
        <translation>هذا ليس نصًا.</translation>
    </message>
    <message>
        <source>This is not an address.</source>
        <translation>هذا ليس عنوانًا.</translation>
    </message>
    <message>
        <source>This colour is not known.</source>
        <translation>هذا اللون غير معروف.</translation>
    </message>
    <message>
        <source>This is not a number of seconds.</source>
        <translation>هذا ليس عددًا من الثواني.</translation>
    </message>
    <message>
        <source>This is not JSON: line %1, column %2.</source>
        <translation>هذا ليس JSON: السطر %L1، العمود %L2.</translation>
    </message>
    <message>
        <source>This is not a list of connection profiles.</source>
        <translation>هذه ليست قائمة ملفات تعريف اتصال.</translation>
    </message>
    <message>
        <source>This was written by a newer version of the program.</source>
        <translation>كُتب هذا بإصدار أحدث من البرنامج.</translation>
    </message>
    <message>
        <source>This says no version that is known.</source>
        <translation>لا يُذكر هنا إصدار معروف.</translation>
    </message>
    <message numerus="yes">
        <source>There are more than %n profiles.</source>
        <translation>
            <numerusform>توجد ملفات تعريف.</numerusform>
            <numerusform>يوجد أكثر من ملف تعريف واحد.</numerusform>
            <numerusform>يوجد أكثر من ملفي تعريف.</numerusform>
            <numerusform>يوجد أكثر من %Ln ملفات تعريف.</numerusform>
            <numerusform>يوجد أكثر من %Ln ملف تعريف.</numerusform>
            <numerusform>يوجد أكثر من %Ln ملف تعريف.</numerusform>
        </translation>
    </message>
    <message>
        <source>This is too large.</source>
        <translation>هذا أكبر من المسموح.</translation>
    </message>
    <message>
        <source>Profile %1, %2</source>
        <comment>number of a profile; “field …: fault”</comment>
        <translation>ملف التعريف %L1، %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::ProfileStore</name>
    <message>
        <source>The profiles in %1 cannot be read: %2</source>
        <translation>تتعذّر قراءة ملفات التعريف في ⁨%1⁩: %2</translation>
    </message>
    <message>
        <source>The profiles could not be read. %1 The file is kept as %2.</source>
        <translation>تعذّرت قراءة ملفات التعريف. %1 حُفظ الملف باسم ⁨%2⁩.</translation>
    </message>
    <message>
        <source>The profiles in %1 cannot be read. %2</source>
        <translation>تتعذّر قراءة ملفات التعريف في ⁨%1⁩. %2</translation>
    </message>
    <message>
        <source>Copy of %1</source>
        <translation>نسخة من ⁨%1⁩</translation>
    </message>
    <message numerus="yes">
        <source>There would be more than %n profiles.</source>
        <translation>
            <numerusform>ستوجد ملفات تعريف.</numerusform>
            <numerusform>سيوجد أكثر من ملف تعريف واحد.</numerusform>
            <numerusform>سيوجد أكثر من ملفي تعريف.</numerusform>
            <numerusform>سيوجد أكثر من %Ln ملفات تعريف.</numerusform>
            <numerusform>سيوجد أكثر من %Ln ملف تعريف.</numerusform>
            <numerusform>سيوجد أكثر من %Ln ملف تعريف.</numerusform>
        </translation>
    </message>
    <message>
        <source>The profiles cannot be written to %1: %2</source>
        <translation>تتعذّر كتابة ملفات التعريف في ⁨%1⁩: %2</translation>
    </message>
</context>
<context>
    <name>relay::admin::RawPage</name>
    <message>
        <source>&amp;Update</source>
        <translation>&amp;تحديث</translation>
    </message>
    <message>
        <source>&amp;Copy all</source>
        <translation>ن&amp;سخ الكل</translation>
    </message>
    <message>
        <source>The last answer of /metrics</source>
        <translation>آخر استجابة من ‎/metrics</translation>
    </message>
    <message>
        <source>/metrics has not been read yet.</source>
        <translation>لم يُقرأ ‎/metrics بعد.</translation>
    </message>
    <message numerus="yes">
        <source>Read at %1, %n byte(s)</source>
        <translation>
            <numerusform>قُرئ في %1، بلا محتوى</numerusform>
            <numerusform>قُرئ في %1، بايت واحد</numerusform>
            <numerusform>قُرئ في %1، بايتان</numerusform>
            <numerusform>قُرئ في %1، %Ln بايتات</numerusform>
            <numerusform>قُرئ في %1، %Ln بايتًا</numerusform>
            <numerusform>قُرئ في %1، %Ln بايت</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>relay::admin::RelayListModel</name>
    <message>
        <source>%1 and %2, number</source>
        <translation>%1 و%2، عدد</translation>
    </message>
    <message>
        <source>%1, number</source>
        <translation>%1، عدد</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>name of a relay, its state</comment>
        <translation>%1، %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>column, value</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>الاسم</translation>
    </message>
    <message>
        <source>State</source>
        <translation>الحالة</translation>
    </message>
    <message>
        <source>Uptime</source>
        <translation>مدة التشغيل</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>الإصدار</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>الاتصالات</translation>
    </message>
    <message>
        <source>Time since the last answer</source>
        <translation>الوقت منذ آخر رد</translation>
    </message>
    <message>
        <source>Blobs</source>
        <translation>الكتل</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>العمر</translation>
    </message>
</context>
<context>
    <name>relay::admin::RelayState</name>
    <message>
        <source>The bearer token is missing or wrong.</source>
        <translation>رمز Bearer مفقود أو خاطئ.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>The relay gives no reason</source>
        <translation>المرحّل لا يذكر سببًا</translation>
    </message>
    <message>
        <source>The relay has not answered for %1.</source>
        <translation>المرحّل لا يستجيب؛ المدة حتى الآن: %1.</translation>
    </message>
    <message>
        <source>The last answer is %1 old.</source>
        <translation>عمر آخر استجابة: %1.</translation>
    </message>
    <message>
        <source>/health failed</source>
        <translation>فشل ‎/health</translation>
    </message>
    <message>
        <source>/ready failed</source>
        <translation>فشل ‎/ready</translation>
    </message>
    <message>
        <source>/metrics failed</source>
        <translation>فشل ‎/metrics</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>غير معروف</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>يعمل</translation>
    </message>
    <message>
        <source>Not ready</source>
        <translation>غير جاهز</translation>
    </message>
    <message>
        <source>Degraded</source>
        <translation>يعمل جزئيًا</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>متوقف</translation>
    </message>
    <message>
        <source>Stale</source>
        <translation>بياناته قديمة</translation>
    </message>
</context>
<context>
    <name>relay::admin::Series</name>
    <message>
        <source>Active</source>
        <translation>النشطة</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>الحد</translation>
    </message>
    <message>
        <source>In</source>
        <translation>الواردة</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>الصادرة</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>المرفوضة</translation>
    </message>
    <message>
        <source>Rate-limited</source>
        <translation>المقيّدة المعدل</translation>
    </message>
    <message>
        <source>Blobs</source>
        <translation>الكتل</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>البايتات</translation>
    </message>
    <message>
        <source>Median (p50)</source>
        <translation>الوسيط (p50)</translation>
    </message>
    <message>
        <source>Slowest of 100 (p99)</source>
        <translation>الأبطأ من كل 100 (p99)</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>الاتصالات</translation>
    </message>
    <message>
        <source>Messages per second</source>
        <translation>الرسائل في الثانية</translation>
    </message>
    <message>
        <source>Refused messages per second</source>
        <translation>الرسائل المرفوضة في الثانية</translation>
    </message>
    <message>
        <source>Stored</source>
        <translation>المخزَّن</translation>
    </message>
    <message>
        <source>Time until a message is answered</source>
        <translation>الزمن حتى الرد على رسالة</translation>
    </message>
    <message>
        <source>number</source>
        <translation>عدد</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>في الثانية</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>بايت</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>ثوانٍ</translation>
    </message>
</context>
<context>
    <name>relay::admin::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>اختصارات لوحة المفاتيح</translation>
    </message>
    <message>
        <source>%1 or %2</source>
        <translation>%1 أو %2</translation>
    </message>
    <message>
        <source>Chart: earlier, later</source>
        <translation>المخطط: أقدم، أحدث</translation>
    </message>
    <message>
        <source>Chart: closer, wider</source>
        <translation>المخطط: تقريب، توسيع</translation>
    </message>
    <message>
        <source>Chart: back to now</source>
        <translation>المخطط: العودة إلى الوقت الحالي</translation>
    </message>
    <message>
        <source>What</source>
        <translation>الإجراء</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>المفاتيح</translation>
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
        <translation>تتعذّر قراءة ملف جهات التصديق، أو لا شهادة فيه.</translation>
    </message>
</context>
</TS>
