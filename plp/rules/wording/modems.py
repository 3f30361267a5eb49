"""What a modem's row says of it, and how sending stands as a whole."""

MODEMS: dict[str, str] = {
    # several sentences, one after the other
    "together": "{first} {next}",
    # coming and going
    "starting": "Le modem démarre.",
    "restarting": "Le modem redémarre.",
    "restarts_in_vain": "{sentence} Les redémarrages n'y ont rien changé.",
    "unplugged": "Le modem n'est pas branché.",
    "modems_not_running": "Le service des modems ne tourne pas.",
    "state_unknown": "Son état n'est pas connu : {why}",
    # its port
    "port_held": "Le port est tenu par {holder} : arrêtez-le.",
    "another_program": "un autre programme",
    "port_gone": "Le modem n'est pas là : branchez-le, ou vérifiez « device » dans config.ini.",
    "port_shut": "Le port ne peut pas être ouvert : vérifiez les droits (règles udev) et « device ».",
    "port_taken": "Ce port est déjà celui du modem « {owner} » : donnez-en un autre dans config.ini.",
    "other_imei": "Le modem à {path} a l'IMEI {found} et non {wanted} : branchez le bon modem, ou corrigez « imei » "
    "dans config.ini.",
    "same_modem": "C'est le même modem que « {other} » : supprimez l'une des deux sections de config.ini.",
    "same_imei": "{names} a le même IMEI qu'un autre modem branché, et un seul des deux est utilisé : remplacez l'un "
    "des deux.",
    "imei_missing": "Le modem d'IMEI {imei} n'est pas branché : branchez-le.",
    "none_free": "Aucun modem connu n'est libre : branchez-en un.",
    "modem_silent": "Le modem ne répond pas ({stage}) : débranchez-le et rebranchez-le.",
    "modem_broken": "Le modem ne fonctionne pas ({error}).",
    "modem_named": "Modem {names} : {why}",
    # what is plugged in and cannot be used
    "usb_hilink": "{names} est en mode HiLink : une carte réseau avec un site web, sans port AT, qui ne peut pas "
    "envoyer d'ici. Installez-y le micrologiciel « stick », ou prenez un autre modem.",
    "usb_unswitched": "{names} se présente encore comme un CD-ROM ({usb_id}) : installez usb-modeswitch, débranchez "
    "la clé et rebranchez-la.",
    "usb_unswitched_hilink": "{names} se présente encore comme un CD-ROM ({usb_id}), et deviendra une carte réseau "
    "sans port AT (HiLink) : prenez un autre modem.",
    "usb_download": "Un modem est en mode de secours Qualcomm ({usb_id}) : son micrologiciel ne démarre plus. "
    "Débranchez-le une minute ; s'il revient ainsi, il est défectueux.",
    "usb_portless": "{names} est branché mais son port AT manque : il démarre encore, ou le pilote « option » n'est "
    "pas chargé (modprobe option).",
    # its SIM
    "sim_missing": "Pas de carte SIM dans le modem : insérez-la.",
    "sim_silent": "La carte SIM ne répond pas : retirez-la et remettez-la.",
    "pin_asked": "La carte SIM demande son code PIN : donnez-le par pin_file dans config.ini.",
    "pin_refused": "La carte SIM a refusé un code PIN (essais restants : {tries_left}). Vérifiez le code, entrez-le "
    "une fois dans un téléphone, puis corrigez pin_file.",
    "puk_asked": "La carte SIM est bloquée (PUK) : débloquez-la dans un téléphone.",
    "sim_new": "Cette carte SIM est nouvelle dans ce modem : un technicien doit l'accepter avant qu'elle n'envoie.",
    "sim_accepted": "Carte SIM acceptée : le modem reprend.",
    "memory_full": "La mémoire {place} est presque pleine ({used} sur {total}) : videz-la dans un téléphone, sinon "
    "les réponses n'arrivent plus.",
    "memory_SM": "de la carte SIM",
    "memory_ME": "du modem",
    "memory_SR": "des rapports",
    # a person's doing
    "suspended_by": "Mis hors service par {who} : {reason}. Il reçoit encore, et n'envoie rien.",
    # the network
    "no_network": "Pas de réseau : vérifiez l'antenne et la carte SIM.",
    "sms_not_offered": "Le réseau n'offre pas de SMS à cette carte ({reason}) : vérifiez l'abonnement (VoLTE, 2G).",
    "sim_barred": "La carte SIM est refusée par le réseau ({reason}) : vérifiez l'abonnement.",
    "sim_refused": "La carte SIM est refusée ({reason}) : nouvel essai toutes les 30 secondes tant qu'une alerte "
    "attend. Vérifiez son crédit.",
    "refused_in_a_row": "Plusieurs envois refusés de suite : le modem attend, puis essaie un seul message.",
    "unanswered": "Le modem prend des messages sans dire ce qu'ils deviennent : il attend, puis essaie un seul "
    "message.",
    "unanswered_long": "Le modem prend des messages sans dire ce qu'ils deviennent : nouvel essai dans {minutes} "
    "minutes. Vérifiez son alimentation (port USB, hub), ou remplacez-le.",
    # all of them: why nothing can be sent
    "not_ready": "Pas prêt : {why}",
    "not_ready_modem": "modem {name} : {why}",
    "not_ready_modem_and_1": "modem {name} : {why} 1 autre modem n'est pas prêt non plus.",
    "not_ready_modem_and_more": "modem {name} : {why} {others} autres modems ne sont pas prêts non plus.",
    "not_ready_no_service": "Pas prêt : le service des modems ne tourne pas.",
    "not_ready_no_modem": "Pas prêt : aucun modem n'est branché.",
    "not_ready_absent": "Pas prêt : aucun modem n'est branché.",
    "not_ready_starting": "Pas encore prêt : les modems démarrent.",
    "not_ready_paused": "Pas prêt : les SMS ne passent pas ; nouvel essai dans quelques minutes.",
    "not_ready_suspended": "Pas prêt : le réseau refuse la carte SIM.",
    "not_ready_not_registered": "Pas prêt : le modem ne trouve pas de réseau.",
    "not_ready_no_sim": "Pas prêt : la carte SIM manque ou ne répond pas.",
    "not_ready_pin": "Pas prêt : la carte SIM est verrouillée par son code.",
    "not_ready_quarantined": "Pas prêt : une nouvelle carte SIM doit être autorisée.",
    "not_ready_faulty": "Pas prêt : le modem est en panne.",
    "not_ready_out_of_service": "Pas prêt : le modem est hors service.",
}
