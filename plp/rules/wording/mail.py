"""What goes wrong with the mailbox and with officers' answers."""

MAIL: dict[str, str] = {
    # why the mailbox cannot be read
    "mailbox_login": "La boîte aux lettres {host} refuse l'utilisateur ou son mot de passe : vérifiez [mail] "
    "imap_user et imap_password_file.",
    "mailbox_accents": "La boîte aux lettres {host} ne comprend pas les accents d'un mot de passe : choisissez-en un "
    "sans.",
    "mailbox_plain": "La boîte aux lettres {host}:{port} ne parle pas en chiffré : le mot de passe ne lui est pas dit. "
    "Écrivez par exemple imap = {host}:993.",
    "mailbox_certificate": "Le certificat de la boîte aux lettres {host} n'est pas valable ({why}) : le mot de passe "
    "ne lui est pas dit.",
    "mailbox_silent": "La boîte aux lettres {host}:{port} ne répond pas ({why}).",
    "mailbox_strange": "La boîte aux lettres {host}:{port} répond autre chose que ce qui est attendu ({why}).",
    "mailbox_lost": "La connexion à la boîte aux lettres s'est coupée ({why}).",
    # why an officer's answer will not leave
    "reply_gone": "Ce message n'est plus là.",
    "reply_group": "Cet e-mail ne porte que l'adresse d'un groupe : tous ses membres liraient la réponse. "
    "Répondez à la personne elle-même, par exemple par téléphone.",
    "reply_not_mobile": "On ne peut répondre qu'à un gsm belge.",
    "reply_no_station": "L'annuaire n'a pas de commissariat de proximité : un administrateur l'y ajoute.",
    "reply_no_modem": "Aucun modem n'a pu envoyer cette réponse en {hours} heures.",
    "reply_mail_off": "Aucun mail ne part d'ici : [mail] from est vide dans config.ini. Le technicien y met l'adresse "
    "de la zone.",
    "reply_refused": "Cette réponse ne peut pas être envoyée.",
    # why its account cannot be used at all
    "mailbox_account": "[mail] imap demande un utilisateur et un fichier de mot de passe : donnez user et "
    "password_file, ou imap_user et imap_password_file.",
    "mailbox_password": "Le mot de passe de la boîte aux lettres ne peut pas être lu ({file} : {why}).",
    "mailbox_password_text": "{file} n'est pas un texte en UTF-8 : ce n'est pas un mot de passe.",
    "mailbox_left_aside": "Un e-mail de la boîte aux lettres {house} ne se laisse pas lire, et il a été laissé de "
    "côté. Ouvrez la boîte aux lettres elle-même : c'est un de ceux du {day}.",
}
