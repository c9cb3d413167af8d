"""Providers where anybody can have an address, so that their domains say nothing about who somebody works for."""

# Families that exist under many national domains: `yahoo.co.uk`, `gmx.at`.
FAMILIES = {"aol", "gmx", "googlemail", "hotmail", "outlook", "rocketmail", "yahoo", "yandex", "ymail"}

# Second labels under which countries hand out domains: `yahoo.com.br`.
SECOND_LEVELS = {"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"}

DOMAINS = frozenset(
    """
    gmail.com msn.com passport.com windowslive.com
    live.com live.at live.be live.ca live.cl live.cn live.co.kr live.co.uk live.co.za live.com.ar live.com.au
    live.com.mx live.com.my live.com.pt live.com.sg live.de live.dk live.fi live.fr live.hk live.ie live.in live.it
    live.jp live.nl live.no live.ru live.se
    icloud.com me.com mac.com
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com tuta.io tuta.com keemail.me
    hushmail.com hush.com mailfence.com posteo.de posteo.net mailbox.org runbox.com countermail.com startmail.com
    disroot.org riseup.net cock.li fastmail.com fastmail.fm hey.com zohomail.com zohomail.eu zoho.com skiff.com
    mail.com email.com usa.com myself.com consultant.com post.com europe.com asia.com engineer.com writeme.com
    mail.ru bk.ru inbox.ru list.ru internet.ru xmail.ru rambler.ru lenta.ru ro.ru myrambler.ru autorambler.ru ya.ru
    ukr.net i.ua meta.ua bigmir.net tut.by
    qq.com foxmail.com vip.qq.com 163.com vip.163.com 126.com vip.126.com yeah.net 188.com 139.com 189.cn wo.cn
    sina.com sina.cn vip.sina.com sohu.com tom.com 21cn.com aliyun.com 263.net
    naver.com hanmail.net daum.net kakao.com nate.com
    docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp ybb.ne.jp nifty.com
    rediffmail.com rediff.com indiatimes.com
    web.de gmx.com gmx.net freenet.de t-online.de arcor.de online.de email.de vodafone.de
    bluewin.ch hispeed.ch sunrise.ch chello.at aon.at a1.net
    orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr numericable.fr club-internet.fr voila.fr
    libero.it virgilio.it tiscali.it alice.it tin.it tim.it inwind.it iol.it email.it fastwebnet.it poste.it
    terra.es telefonica.net movistar.es sapo.pt mail.pt clix.pt netcabo.pt
    ziggo.nl kpnmail.nl planet.nl hetnet.nl home.nl xs4all.nl upcmail.nl telenet.be skynet.be
    btinternet.com btopenworld.com virginmedia.com ntlworld.com blueyonder.co.uk sky.com talktalk.net tiscali.co.uk
    talk21.com o2.co.uk eircom.net
    telia.com comhem.se spray.se bredband.net online.no start.no mail.dk jubii.dk tdcadsl.dk luukku.com suomi24.fi
    wp.pl o2.pl onet.pl op.pl onet.eu interia.pl interia.eu poczta.onet.pl gazeta.pl tlen.pl vp.pl poczta.fm go2.pl
    seznam.cz email.cz post.cz centrum.cz atlas.cz volny.cz azet.sk zoznam.sk centrum.sk post.sk
    freemail.hu citromail.hu indamail.hu abv.bg mail.bg dir.bg net.hr inbox.lv mail.ee hot.ee inbox.lt
    mynet.com walla.co.il walla.com netvision.net.il
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net pacbell.net ameritech.net swbell.net cox.net
    charter.net earthlink.net mindspring.com juno.com netzero.net netzero.com optonline.net roadrunner.com rr.com
    windstream.net frontier.com frontiernet.net centurylink.net q.com suddenlink.net cableone.net
    netscape.net aim.com excite.com lycos.com inbox.com
    rogers.com shaw.ca sympatico.ca bell.net telus.net videotron.ca cogeco.ca
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com oi.com.br zipmail.com.br
    prodigy.net.mx hotmail.com.ar ciudad.com.ar fibertel.com.ar arnet.com.ar speedy.com.ar
    bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au internode.on.net xtra.co.nz
    webmail.co.za mweb.co.za telkomsa.net
    mailinator.com guerrillamail.com 10minutemail.com temp-mail.org yopmail.com trashmail.com sharklasers.com
    getnada.com maildrop.cc dispostable.com throwawaymail.com tempmail.com mohmal.com
    duck.com simplelogin.com anonaddy.com privaterelay.appleid.com mozmail.com relay.firefox.com
    """.split()
)


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address at a domain, which is in lower case and ASCII."""
    return domain in DOMAINS or _is_of_family(domain)


def _is_of_family(domain: str) -> bool:
    """Whether it is a well-known name directly under a country, a generic ending, or a country's own second level."""
    name, _, ending = domain.partition(".")
    labels = ending.split(".")
    return name in FAMILIES and (len(labels) == 1 or (len(labels) == 2 and labels[0] in SECOND_LEVELS))
