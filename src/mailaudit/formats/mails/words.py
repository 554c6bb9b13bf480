"""The words notices are written in, in the languages of their makers: what tells one kind of sentence from another."""

from __future__ import annotations

import re

from mailaudit.formats.mails.wording import Wording

# Lines that say that the copy follows. Each maker has its own; what they share is dashes or a full stop at the end.
COPY_FOLLOWS = re.compile(
    r"""(?imx)^[\s>*+=|-]{0,40}(?:
        below\ this\ line\ is\ a\ copy\ of\ the\ message | (?:this\ is|below\ is|here\ is)\ a\ copy\ of\ (?:the|your)\b.* |
        (?:unsent|returned|undelivered|original)\ (?:message|mail)(?:\ (?:follows|below|headers?\ follows?|headers?|info))?
            (?:\ \(truncated\))? |
        original\ mail\ as\ follows | message\ headers?\ follows? | included\ is\ a\ copy\ of\ the\ message\ header.* | (?:the\ )?headers?\ of\ the\ (?:original|returned|undelivered)\ message.* |
        the\ header\ of\ the\ original\ message\ is\ following | no\ message\ was\ collected | enclosed\ (?:are|is)\ the\ original\ .* |
        original\ message\ (?:headers|text|follows).* | en-t.tes\ de\ message\ d'origine.* |
        (?:text|copy)\ of\ (?:the\ )?original\ message.* | your\ original\ message(?:\ (?:follows|headers).*)? |
        (?:the\ )?(?:body|text|start|first\ \d+\ lines)\ of\ (?:the|your)\ (?:original\ )?message.* |
        message\ (?:text|contents?|body)\ follows.* | begin(?:ning)?\ of\ (?:the\ )?(?:original|returned)\ message |
        the\ following\ is\ a\ copy\ of\ (?:the|your)\b.* | this\ is\ the\ original\ message.* |
        (?:kopie\ der\ nachricht|urspr.ngliche\ nachricht(?:\ kopfzeilen)?|originalnachricht).* |
        (?:debajo|abajo|ci-dessous|unterhalb|sotto|abaixo|poni.ej|ниже)\b.*\b(?:c[oó]pi[ae]|kopi[aeę]|копия)\b.* |
        message\ d'origine.* | mensaje\ original.* | messaggio\ originale.* | mensagem\ original.* |
        the\ attachment\ contains\ the\ original\ mail\ headers.* | original\ message\ headers
        )[.:]?[\s*=+>|-]{0,80}$"""
)

SUBJECT = Wording(
    r"""(?x)^\W*(?:(?:spam|junk|bulk|extern(?:al)?)\W+)?(?:(?:re|aw|fwd?)\s*:\s*)?(?:\[[^\]]{1,40}\]\s*)?(?:
    un?deliver(?:able|ed)|mail\ (?:delivery\ )?(?:fail|error|warning|problem|system\ error|could\ not|status|undeliverable)|
    (?:mail\ )?delivery\ (?:fail|status|notification|problem|error|report|delayed|incomplete|has\ failed|unsuccess)|
    returned?\ (?:mail|message|to\ sender)|fail(?:ure|ed)\ (?:notice|delivery|to\ deliver)|failed\ mail|bounced?\b(?!\ (?:rate|report|addresses|statistic|handling|list))|
    message\ (?:status|delivery|undeliver|could\ not|not\ delivered|bounced|you\ sent)|non[- ]?(?:delivery|deliverable)|
    warning:?\ (?:could\ not\ send|message\ .*\ (?:delayed|not\ yet)|.*undeliver)|delayed\ mail|delivery\ has\ been\ delayed|
    error\ sending|(?:could\ not|unable\ to)\ deliver|nondeliverable|permanent\ (?:delivery\ )?(?:fail|error)|ndn:|ndr\b|dsn\b|
    could\ not\ send|there\ was\ an\ error\ sending|sorry,?\ your\ message|your\ (?:message|e-?mail)\ (?:could\ not|(?:was|has\ been)\ (?:not|blocked|rejected|refused|stopped)|to\ .*\ (?:failed|could))|
    (?:e-?mail|post|message)\ rejected|rejected:|user\ unknown|undelivered|not\ delivered|address\ (?:unknown|not\ found)|
    unzustellbar|zustell|(?:(?:e-?)?mail\ |nachricht\ )?nicht\ zustellbar|non\ remis|.chec\ de|message\ non|retour\ de|votre\ (?:message|courriel|e-?mail|mail)\ n'a|notification\ d'|
    errore\ di|non\ recapitabile|no\ se\ puede|devolu|(?:correo|mensaje)\ devuelto|entrega\ fallida|mensaje\ no|no\ entregado|n.o\ (?:entregue|foi)|falha|
    onbestelbaar|niet[- ](?:te\ )?(?:bezorg|bestelbaar)|det\ gick\ inte\ att|.{0,10}배달되지|غير\ قابل\ للتسليم|n.o\ (?:é\ poss.vel|entregue)|nie\ mo.na\ dostarczy|nedoru.iteln|imposibil\ de|неможливо|недостав|не\ може\ да|未送達|无法送达|zwrot|(?:avviso\ di\ )?mancat[ao]\ (?:recapito|consegna)|impossibil[e]\ (?:consegnare|recapitare)|
    your\ message\ (?:to|for)\ .*\ (?:rejected|returned)|post(?:ing)?\ to\ \S+\ (?:denied|failed|rejected)|message\ distribution:|rejected\ (?:posting|message)|.{1,40}:\ (?:daily\ )?error\ (?:monitoring\ )?report|virus(?:es)?\ (?:found|detected)\ in\ your|considered\ (?:unsolicited|spam)|(?:virus|banned)\b.{0,80}\bin\ mail\ from\ you|
    (?:ihre|die|eine)\ (?:nachricht|e-?mail|mail)\b.{0,60}\ nicht|(?!(?:jag|jeg|eu|я|ja|en|minä|nem)\b).{0,50}(?:(?:nelze|nebylo\ mo.n.|nepoda.ilo\ se)\ doru|nedoru|
    (?:kunde|kan)\ inte\ (?:leverera|skicka)|ej\ levere|olever|ikke\ lever|ei\ voitu\ (?:toimit|l.hett)|toimitus\ ep.onn|k.zbes.t|
    sikertelen|teslim\ edil|iletilem|nu\ (?:a\ putut|s-a\ putut)|nije\ isporu|ni\ bilo\ mogo|не\ вдалося|не\ доставлен|помилка\ доставки|
    (?:zustellung|remise|entrega|recapito|consegna|bezorging|доставка|lever\w+)\ (?:verz|diff|ret|rit|atras|vertr|отлож|задерж|fördr|forsink)|
    ошибка\ (?:доставки|отправки)|無法(?:傳遞|投遞|寄)|邮件(?:投递)?失败|邮件被退回|kh.ng\ th.\ (?:g.i|chuy.n)|تعذ[رّ]|فشل|(?:لم|لا)\ ي(?:تم|مكن)\ (?:تسليم|إرسال)|(?:ההודעה\ )?לא\ (?:נמסרה?|ניתן)|.{0,20}כשל|ไม่สามารถส่ง|gagal\ (?:kirim|di)|μη\ παρ.δο|δεν\ παραδ.θ)|nie\ dostarczono|.{0,30}niedostarczon|系统退信|退信|メール|配信|недостав|не\ удалось|возврат|.{0,40}(?:반송|(?:전송|배달|발송)\ ?실패|전송되지)
    )"""
)
"""Subjects of notices in the languages they are written in."""

_LATE = r"verz.gert|diff.r.e|retard.e?\b|retrasad|ritardat|atrasad|vertraagd|отложен|задержив|fördröj|forsinke|opó.nion|zpo.d.n|k.sleltet|gecik|延迟|遅延|지연|καθυστ.ρ"
"""Delayed, in other languages."""

FAILURE = Wording(
    r"""(?x)
    \b(?:undeliver|not?\ (?:yet\ |have\ )?(?:be\ |been\ )?deliver|unacceptabl|not\ respond|could\ ?n[o']t|can\ ?not|can't|unable|unknown|fail(?:ed|ure|s)?\b|reject|
    refus|bounc|denied|does\ ?n[o']t\ exist|no\ such|not\ (?:exist|found|known|listed|allowed|accept|reach|valid|authori[sz]ed)|invalid|
    (?:longer|larger)\ than|no\ longer\b|not\ forwarded|exceed|quota|full\b|disabled|suspend|inactive|unrout|error|returned|permanent|blocked|spam|virus|timed?\ ?out|expired|
    deferred|too\ (?:large|big|many)|did\ not\ (?:reach|receive|match|answer|respond|accept)|delivery\ problem|giv(?:en|ing)\ up|was\ n't|wasn't|unavailable|not\ a\ valid|illegal|unresolv|aborted\b|banned|prohibited|violat|forbidden|not\ (?:permitted|subscribed|a\ (?:member|subscriber))|deleted\b|removed\ because|unrecogni[sz]ed)
    | unzustellbar|abgelehnt|abgewiesen|zurückgewiesen|verweigert|(?:est|bo.te)\ pleine?\b|\bpien[ao]\b|\blleno\b|\bcheia\b | nicht\ (?:zugestellt|gefunden|erreich)|fehlgeschlagen|unbekannt|voll\b | non\ (?:remis|distribu|d.livr)|
    n'a\ (?:pas\ )?pu|n'a\ pas\ été|interdit|impossible|inconnu|introuvable|refus | no\ (?:se\ )?(?:pudo|ha\ podido)|no\ entregad|desconocid|no\ existe|devuelto|devolvid|rechazad|imposible |
    non\ (?:\S{1,2}\ stat|consegn|recapit)|sconosciut | n.o\ (?:p.de|foi\ poss|entreg)|desconhecid|inexistente |
    niet\ (?:afgeleverd|bezorgd)|onbekend | nie\ (?:mo.na|dostarczon|istnieje|zosta.a) | går\ inte\ att|gick\ inte\ att|않았습니다|수\ 없습니다|배달되지 | エラー|配信|送信(?:できません|に失敗)|届きません|不明|いません|すぎます|
    ありません|存在し|退信|无法|失败|不存在|拒绝|被退回 | не\ (?:доставлен|был|может|существ|удалось)|недоставлен|невозможно |
    실패|반송|존재하지|못했습니다 | mislukt|mislykk|misslyck|fal(?:ha|lid[ao]|lit[ao]|liment|ló)|.chec\b|.chou|rejet.|selhal|zlyhal|ba.ar.s.z|neusp|e.uat|нев.зможно|не\ може\ да|няма\ так|неуспеш |
    nelze|nepoda.ilo|nebyl[ao]?\ |neexistuj|nezn.m | (?:kunde|kan)\ inte|finns\ inte|hittades\ inte |
    (?:kunne|kan)\ ikke|findes\ ikke|finnes\ ikke|uk(?:en|je)[dn]t | ei\ (?:voitu|voida|l.ydy)|ep.onnistu | nem\ (?:lehet|siker|l.tez|tal.l|k.zbes) | bloque?ad[oa]|bloqu[eé]\b|blockiert|bloccat|geblokkeerd|zablokowan|заблокирован|拦截|被拒 |
    edilemedi|iletilemedi|bulunamad|g.nderilemedi | nu\ (?:a\ putut|s-a\ putut|exist|a\ fost) | nije\ (?:mogu|isporu|prona|dostav)|ne\ postoji|ni\ bilo |
    не\ (?:вдалося|доставлено|існує)|неможливо | δεν\ (?:.ταν|μπ.ρ|υπ.ρχ|παραδ) | 無法|不存在|已[滿满] | تعذ[رّ]|فشل|غير\ (?:موجود|معروف)|لم\ ي|לא\ (?:נמסר|ניתן|נמצא|קיים)|\bמלאה|כשל|ไม่(?:สามารถ|พบ) | kh.ng\ (?:th.|t.n) | tidak\ (?:dapat|ditemukan|ada)|gagal |
    nie\ (?:mog|uda)|przepe.ni|odrzuc|nieznan|zwr.con|nemoh|n.o\ existe|non\ esiste|no\ se\ encontr|nicht\ vorhanden|existiert\ nicht|n'existe | unsolicited\ bulk|restricted\ to|\bstopped\b | \bdelayed|\bpostponed"""
    rf"|{_LATE}"
)
"""Words of failure, in the languages notices are written in."""

CAUSE = Wording(
    r"""(?x)^\W*(?:(?:failure\ )?reason|cause|error|grund|ursache|rai[s]on|motif|motivo|causa|pow.d|reden|d.vod|orsak|.rsag|syy|ok|neden|sebep|
    motiv|razlog|причин[аи]|السبب|סיבה|สาเหตุ|理由|原因|(?:실패\ ?)?사유|退信原因|失敗原因|αιτία|l.\ do|alasan)[^:：]{0,20}[:：]"""
)
"""A line that says itself that it tells the cause."""

EXPIRED = Wording(
    r"""(?x)
    retry\ timeout\ exceeded|(?:in\ the|on)\ queue\ (?:for\ )?too\ long|(?:envelope|message|delivery(?:\ time)?|queue)\W{0,2}
    (?:has\ |was\ |time\ )?expired|retry\ time\ (?:was\ )?(?:not\ reached|expired)|
    could\ not\ be\ (?:delivered|sent)\ (?:for|within|after)\ (?:the\ last\ )?\d+|
    (?:can\ ?not|could\ not|unable\ to)\ send\ message\ (?:for|within)\ \d|message\ will\ be\ deleted\ from\ queue|
    was\ not\ delivered\ within|delivery\ failed\ \d+\ attempts|too\ old|exceeded\ (?:the\ )?(?:max|maximum)\ (?:time|retr)|
    giving\ up\ after|timeout\ exceeded|has\ been\ (?:queued|retried)\ for\ too\ long|maximum\ (?:queue|delivery)\ time"""
)
"""Words of a queue that gave up after temporary failures."""

RETRYING = Wording(
    r"""(?x)
    still\ (?:in\ (?:the|our)\ )?queued?\b|we\ (?:keep|are)\ (?:still\ )?trying|will\ (?:continue|be\ (?:re)?tried|be\ retried|keep\ (?:on\ )?trying|retry|try\ again|attempt\ to)|still\ being\ retried|
    (?:attempts|efforts)\ (?:to\ deliver\ )?(?:.{0,40}\ )?will\ continue|do\ not\ need\ to\ resend|
    (?<!not\ )continue\ (?:trying|attempts|to\ (?:try|attempt))|not\ yet\ (?:been\ )?deliver|has\ been\ delayed|
    (?:temporary|warning)\ (?:problem|message)|temporary\ failure\ report|kept\ in\ the\ queue\ for|gmail\ will\ retry|wird\ weiter(?:hin)?\ versucht|is\ delayed|delayed\ mail|has\ been\ postponed|just\ a\ warning|advisory-only|weitere\b.{0,20}versuch|weiterhin\ versucht|wird\ es\ .{0,30}versuchen|versuch(?:en|t)\ es\ weiter|versucht\ es\ noch|\(delay(?:ed)?\)|\b(?:delivery|mail)\ (?:to\ \S+\ )?(?:has\ been\ )?delayed\b|r.essayer|riprover|tentará\ novamente|volverá\ a\ intentar|probeert\ het\ nog|повторять\ попыт|ponawia|再試行|continuera\ (?:d'essayer|.\ essayer|ses)|nouvelles\ tentatives|
    seguir.\ intentando|se\ volver.\ a\ intentar|nuovi\ tentativi|ser.o\ feitas\ novas|continuar.\ tentando|opnieuw\ geprobeerd|
    попытки.{0,20}(?:продолж|повтор)|kolejne\ pr.by|将继续(?:尝试|重试)|引き続き|bisher\ nicht\ zugestellt|noch\ nicht\ zugestellt"""
    rf"|{_LATE}"
)
"""Words of a notice that leaves hope."""

# Phrases that say only that there is a failure: they help no one to see the cause, and some name the wrong one.
PHRASE = Wording(
    r"""(?x)^\W*(?:this\ is\ the\ (?:mail\ system|mailer-daemon|.{0,40}(?:program|server)\b)|hi[.!]|hello\b|hmailserver\s*$|i'?m\ (?:sorry|afraid)|
    (?:\w+:\ )?(?:message\ |mail\ )?delivery\ (?:has\ been|is|was)\ delayed\.?$|for\ further\ assistance|if\ you\ do\ so|delete\ your\ own\ text|please\ include|the\ mail\ system|
    this\ message\ was\ (?:created|generated)\ automatically|a\ message\ that\ you\ (?:have\ )?sent(?!.*(?:longer|size|large))|recipients?\.\ this\ is|
    this\ is\ a\ permanent\ error|the\ following\ (?:address|recipient|message)(?!.*(?:not\ found|unknown|\bfull\b|quota|exceed))|be\ delivered\ to\ one|
    delivery\ has\ failed\ to\ these|diagnostic\ information\ for|generating\ server|original\ message\ headers|
    this\ is\ an\ (?:auto|email)|this\ is\ a\ (?:mime|delivery)|-+\ ?(?:transcript|the\ following\ addresses)|
    the\ original\ message\ was\ received|the\ attached\ (?:message|file|mail)\b.{0,40}(?:undeliver|delivery\ problem|failed\ delivery|not\ (?:be\ |been\ )?delivered)|(?:please\ )?contact\ (?:your|the)\ (?:\S+\ )?administrator|(?:bitte\ )?wenden\ s.e\ sich\ an\ (?:ihren|den)\ (?:\S+\ )?administrator|to\ you\ as\ postmaster|attempts\ to\ deliver\ it\b|error\ type:\s*smtp$|from\ \S+\ \[|technical\ details|message\ (?:details|headers)|
    no\ action\ is\ required|the\ triggering\ bounce|\S+\s+(?:office|microsoft)\ 365\s|sender\s+action\ required|action\ required\s+recipient|(?:your\ |the\ )?message\ will\ be\ re(?:tri|sent)|warning:\ message\ still\ undelivered|will\ keep\ trying|i'm\ not\ going\ to\ try\ again|some\ time,\ and|remains\ undelivered|please\ do\ not\ reply|do\ not\ reply|thanks|regards|
    content-(?:type|transfer|description|disposition)|learn\ more|\*\*\ |https?://\S*\s*$|your\ message\ (?:to|was|could|did)\b.{0,20}$|
    subject:|to:|sent:|from:|date:|message-id:|reporting-mta|arrival-date|received-from)"""
)

ANSWER = Wording(
    r"""(?x)(?:^auto:\ |\bout\ of\ (?:the\ )?office|auto(?:matic|mated)?[- ]?(?:repl(?:y|ies)|respon(?:se|der)|answer)|\baway\ from|
    \bvacation\b|on\ (?:annual\ |maternity\ |parental\ )?leave|\bholidays?\b|abwesen|urlaub|automatische\ antwort|
    (?:r.ponse|respuesta)\ autom|absen(?:ce|t)\b|fuera\ de\ (?:la\ )?oficina|ausente|risposta\ automatica|fuori\ (?:sede|ufficio)|
    resposta\ autom|aus.ncia|afwezig|automatisch\ antwoord|autosvar|nieobecno|autoodpowied|自動(?:返信|応答)|不在|自动(?:回复|答复)|
    автоответ|автоматический\ ответ|автоматична\ відповідь|отпуск|odpowied.\ automatyczna|automatyczna\ odpowied|automatiskt?\ svar|automaattinen\ vastaus|automatikus\ v.lasz|r.spuns\ automat|αυτ.ματη\ απ.ντηση|תשובה\ אוטומטית|رد\ تلقائي|trả\ lời\ tự\ động|ตอบกลับอัตโนมัติ|自動回覆|automatick.\ odpov|automata\ v.lasz|otomatik\ yan.t|자동\ ?(?:응답|회신)|i\ am\ (?:currently\ )?(?:away|out|not\ in)|no\ longer\ (?:work|with|employed)|left\ the\ company|
    has\ left|thank\ you\ for\ (?:your\ (?:e-?mail|message)|contacting))"""
)

CHALLENGE = Wording(
    r"""(?x)(?:challenge[-/ ]response|(?:confirm|verify|prove|validate)\b.{0,60}\b(?:you\ are\ (?:a\ )?(?:human|person|real)|
    that\ you\ (?:sent|are)|your\ (?:message|e-?mail\ address|identity|request))|sender\ (?:address\ )?verification|
    (?:message|mail)\ (?:is|has\ been|was)\ (?:being\ )?held.{0,200}confirm|spamarrest|boxbe|tmda|was\ waitlisted|please\ (?:click|reply|follow).{0,80}
    (?:to\ (?:deliver|confirm|release|verify)|so\ that\ your)|added\ to\ (?:the|my)\ (?:guest|white|approved|safe)\ ?list|
    add\ your(?:\ e-?mail)?\ (?:address\ )?to\ (?:a|the|my|his|her|their)\ (?:list\ of\ (?:allowed|approved)|(?:allowed|approved|white|safe))|
    add\ yourself\ to\ (?:the|my)|added\ to\ my\ list\ of\ approved|click\b.{0,30}\bso\ (?:that\ )?i\ can\ receive)"""
)

PROTECTED = Wording(
    r"""(?x)click\b.{0,30}\bso\ (?:that\ )?i\ can\ receive\ your|be\ added\ to\ my\ list\ of\ approved\ senders|
    have\ your\ (?:e-?mail\ )?address\ added\ to\ (?:the|my|his|her|their)|(?:account|mailbox)\ is\ protected\ by|
    \bwas\ waitlisted\b|\b(?:verify|confirm|prove)\ that\ you\ are\ a\ (?:real|human|live)|
    \b(?:so\ that|for|before)\ your\ (?:message|e-?mail|mail)\ (?:can|may|will|to)\ be\ (?:delivered|released).{0,80}(?:click|confirm|verify)|
    para\ que\ (?:a\ )?(?:su|sua)\ mensa\w+\ (?:seja|sea)\ (?:encaminhad|entreg|reenviad)|pour\ que\ votre\ (?:message|e-?mail|mail|courriel)\ soit\ |
    damit\ ihre\ (?:nachricht|e-?mail|mail)\ (?:an\ .{0,60})?zugestellt|(?:affinch.|per\ far\ s.\ che)\ (?:il|la)\ (?:suo|sua|tuo|tua)\ (?:messaggio|e-?mail|mail)|
    чтобы\ ваш\w*\ (?:письмо|сообщение)\ (?:было|дошло)"""
)
"""Words of a request to confirm that no person writes."""

SUCCESS = Wording(
    r"""(?x)successful\ delivery\ notification|(?<!not\ )(?<!n't\ )successfully\ (?:delivered|relayed|transmitted)|
    erfolgreich\ zugestellt|remis\ avec\ succ | \b(?:has\ been|was)\ (?:delivered|relayed)\ to\ the\ following\b|\brelayed\ to\ (?:a\ |the\ )?(?:\S+\ )?mailer\b|
    delivery\ to\ these\ recipients\ or\ (?:groups|distribution\ lists)\ is\ complete|
    nachricht\ wurde\ (?:den\ )?folgenden\ empf.ngern\ zugestellt|a\ été\ remis\ aux\ destinataires\ suivants|
    (?<!no\ )se\ ha\ entregado\ a\ los\ siguientes|(?<!non\ )è\ stato\ (?:recapitato\ ai\ seguenti|consegnato\ nella\ casella)|(?<!não\ )foi\ entregue\ aos\ seguintes|
    is\ bezorgd\ bij\ de\ volgende|(?<!nie\ )zosta.a\ dostarczona\ do"""
)
"""Words of a receipt."""

TURN_TO = Wording(
    r"\b(?:from|sender|owner|return-path|reply-to|message-id|contact|help|visit|ask|postmaster|support|abuse|"
    r"(?:write|talk|turn|apply|send (?:an? )?e-?mail) (?:to|us|me)|questions?|fragen|kontakt\w*|wenden|schreib\w*|contact[ae]\w*|"
    r"contatt\w*|scriv\w*|escrib\w*|.cri(?:re|vez)|assisten\w*|napisz|пишите|обра[тщ]\w*)\b|联系|連絡|問い合わせ|문의"
)
"""Words with an address to turn to, or one that the notice comes from."""

GOODS = Wording(
    r"\b(?:parcel|package|shipment|tracking|courier|your order|bestellung|paket|sendung|colis|livraison|pacco|"
    r"spedizione|paquete|env.o|encomenda|przesy.k|paczk|z.silk|bal.k|pakket|pakje|csomag|kargo|посылк|invoice|payment|handset|sms)"
    r"|包裹|快递|荷物|宅配|택배"
)
"""What else is delivered, or fails to be: words of a shop or a carrier, not of a mail system."""

MAILBOX = Wording(
    r"\b[45]\d\d[ -]|\b[45]\.\d\.\d\b|mail ?box|mailing list|\bmails?\b|correo|indirizz|direcci|bo[iî]te|recipient|address|user|account|mail server|messa(?:ge|gg)|mensa[gj]e|e-?mail|"
    r"empf|nachricht|postfach|casella|buz[oó]n|bo[iî]te|skrzynk|ящик|destinat|usuario|utente|wiadomo|bericht|сообщ|письм|邮|メール|宛先|메일|p[rř]íjemc|schránk|zpráv|meddeland|mottag|"
    r"modtag|postkass|viesti|vastaanott|címzett|üzenet|mesaj|alıcı|kullanıcı|utilizator|лист|одержувач|отримувач|користувач|скриньк|"
    r"thư|người|παραλήπτ|μήνυμ|郵件|信箱|收件|رسالة|الرسالة|المستلم|صندوق|הודעה|הדואר|תיבת|הנמען|อีเมล|ผู้รับ"
)
"""Words of mail: what a notice of a mail system speaks of."""

EMPTY = frozenset(
    re.findall(
        r"\w+",
        """
    the this that these those and for from with your you our was were are has have had been being not could cannot can unable
    one more all some its his her their there which who what when where then than also only into after before because due
    message messages mail mails email emails letter item notice notification report status returned return returning
    recipient recipients address addresses addressee addressees addressed user users intended following below above listed
    deliver delivers delivered delivering delivery undelivered undeliverable nondeliverable deliverable nondelivery reach reached received receive
    send sending sent sender original originally fail fails failed failing failure failures error errors permanent permanently fatal problem problems
    sorry afraid did does please system program server host remote software automatically automatic created generated
    reason reasons cause given giving said says smtp rcpt data command action diagnostic code details information transcript session
    subject date line copy attached attempt attempts attempted attempting while during trying encountered occurred result response
    ihre ihrer ihr nachricht nachrichten konnte konnten nicht zugestellt werden wurde wurden folgende folgenden empfänger adresse unzustellbar zustellung
    die der den das dem ist und von für eine ein fehler fehlgeschlagen
    votre vos pas être remis remise destinataire destinataires suivant suivants adresse échec les des une pour non
    mensaje correo pudo ser entregado entrega siguiente siguientes destinatario destinatarios los las del que una para
    messaggio posta stato recapitato consegnato consegna seguente seguenti destinatari mancata impossibile recapito
    mensagem não pôde foi entregue seguinte seguintes destinatário falha
        """,
    )
)
"""Words that say no more than that a message was not delivered, and to whom."""
