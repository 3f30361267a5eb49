"""What goes wrong in the house: incidents, and why the database takes nothing."""

INCIDENTS: dict[str, str] = {
    "process_silent": "Le service {name} de la machine {host} ne donne plus signe de vie depuis le {since} : relancez "
    "« plp run » sur cette machine.",
    "process_modem": "des modems",
    "process_jobs": "des travaux automatiques",
    "process_console": "de la console",
    "modem_trouble": "Modem {name} ({host}). {why}",
    "modem_not_ready": "Il n'est pas prêt ({state}).",
    "storage_full": "La mémoire {memory} du modem {name} est presque pleine ({used} sur {total}) : pleine, elle ne "
    "reçoit plus ni SMS ni accusé. Redémarrez ce modem.",
    "twins": "Plusieurs modems annoncent la même carte SIM (IMSI …{last}) : {modems}. Les accusés peuvent se perdre : "
    "retirez l'une des cartes et remplacez-la, ou changez de modem.",
    "budget_over": "La carte SIM du modem {modem} (IMSI …{imsi}) est à son plafond, {used} sur {limit} {what} : une "
    "alerte demandera une raison, le reste attend.",
    "budget_near": "La carte SIM du modem {modem} (IMSI …{imsi}) est près de son plafond : {used} sur {limit} {what}.",
    "budget_day": "SMS du jour",
    "budget_month": "SMS du mois",
    "budget_recipients": "destinataires du mois",
    "queue_stands": "SMS qui attendent : {parts}. Aucun n'est parti depuis le {since}, alors qu'un modem est prêt : "
    "regardez les modems et les plafonds des cartes SIM.",
    "held": "L'envoi {broadcast_id} est retenu ({messages} SMS) : un policier décide de l'envoyer ou non.",
    "unconfirmed": "L'envoi {broadcast_id} n'est pas confirmé en entier ({messages} SMS) : un policier décide de les "
    "renvoyer ou non.",
    "ringing": "Un SMS reçu le {received} parle d'un danger et personne ne s'en occupe : ouvrez Messages reçus, ou "
    "prévenez un policier.",
    "stops_held": "Demandes STOP retenues : {stops}, depuis le {since}. Il en est venu trop à la fois pour être sûr "
    "qu'elles viennent des membres, qui reçoivent encore les alertes : décidez dans Messages reçus.",
    # what a modem refuses whatever the console asks
    "guard_ceiling": "Le modem {modem} a remis {limit} SMS au réseau en une heure, son plafond (hour_limit) : le reste "
    "attend. Si personne n'a voulu tant d'envois, arrêtez-les et vérifiez qui a accès à la console.",
    "guard_number": "Le modem {modem} a refusé un envoi vers un numéro qui n'est pas un gsm belge. La console n'en "
    "fait pas de tels : vérifiez qui a accès à elle et à la base de données.",
    # mail
    "mail_down": "Le serveur de mail {server} ne prend plus rien depuis le {since} : les mails attendent.",
    "mail_overdue": "Des mails attendent depuis le {since} et rien ne les envoie.",
    "disk_full": "Le disque de la machine {host} est presque plein : il reste {megabytes} Mo. Libérez de la place : "
    "plein, il arrête les alertes.",
    "certificate_ends": "Le certificat de la console finit le {end} ; ensuite les navigateurs la refusent. Faites-en "
    "un autre : « plp certificate new », ou « plp certificate take » avec celui de la zone.",
    "secret_exposed": "{key} : le fichier {path} est de mode {mode} et d'autres peuvent le lire. Exécutez « chmod 600 "
    "{path} ».",
    "secret_in_url_exposed": "{key} : le mot de passe est dans {path}, de mode {mode}, et d'autres peuvent le lire. "
    "Mettez-le plutôt dans ~/.pgpass, ou exécutez « chmod 600 {path} ».",
    # the nightly archive
    "plan_b_missed": "Le plan B de cette nuit n'a pas été fait : {why}",
    "plan_b_no_password": "Il n'y a pas de plan B : [plan_b] password_file est vide dans config.ini. Mettez-y un "
    "fichier avec un mot de passe.",
    "plan_b_unreadable": "{path} ([plan_b] password_file) ne peut pas être lu : {why}. Mettez-y le mot de passe sur "
    "la première ligne.",
    "plan_b_short": "Le mot de passe du plan B ({path}) a moins de {least} caractères : allongez-le, il garde tous "
    "les numéros.",
    "not_text": "ce n'est pas du texte",
    # the database
    "database_was_damaged": "La base de données était abîmée au démarrage : les derniers instants manquent. Vérifiez "
    "le disque ou la carte SD, et gardez une sauvegarde.",
    "database_unwritable": "La base de données ne peut pas être écrite, {why}. {remedy}",
    "database_unwritable_inside": "la base de données ne peut pas être écrite, {why}. {remedy}",
    "database_full": "le disque de la machine est plein",
    "database_full_remedy": "Libérez de la place. Rien n'est perdu : l'envoi reprend tout seul.",
    "database_read_only": "le disque de la machine est en lecture seule",
    "database_read_only_remedy": "Redémarrez la machine ; si cela revient, remplacez le disque ou la carte SD. Rien "
    "n'est perdu : l'envoi reprend tout seul.",
    "database_locked": "un autre programme la tient verrouillée",
    "database_locked_remedy": "Fermez ce programme. Rien n'est perdu : l'envoi reprend tout seul.",
    "database_damaged": "son fichier est abîmé",
    "database_damaged_remedy": "Arrêtez plp-alerte et remettez la dernière sauvegarde.",
    "database_refused": "le disque de la machine refuse l'écriture",
    "database_refused_remedy": "Vérifiez le disque ou la carte SD, et redémarrez. Rien n'est perdu : l'envoi reprend "
    "tout seul.",
}
