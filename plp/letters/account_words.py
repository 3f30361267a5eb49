"""Words of the mail to an account's owner about a change that somebody made to it, in the four languages."""

# {who} made it.
ACCOUNT_WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "subject": "Votre compte de la console a changé",
        "link_issued": "{who} a fait un lien qui sert à choisir un nouveau mot de passe pour votre compte « {name} ».",
        "link_used": "Un mot de passe a été choisi pour votre compte « {name} » avec un lien fait par {who}.",
        "roles_changed": "{who} a changé les rôles de votre compte « {name} ».",
        "email_changed": "{who} a changé l'adresse e-mail de votre compte « {name} ».",
        "mobile_changed": "{who} a changé le numéro de gsm de votre compte « {name} ».",
        "closed": "{who} a fermé votre compte « {name} » : il n'ouvre plus la console.",
        "opened": "{who} a rouvert votre compte « {name} ».",
        "deleted": "{who} a effacé votre compte « {name} ».",
        "confirmed": "{who} a confirmé que le mot de passe de votre compte « {name} » est bien à vous.",
        "factor_removed": "{who} a enlevé le deuxième facteur de votre compte « {name} » : "
        "le mot de passe seul l'ouvre, jusqu'à ce que vous en régliez un autre.",
        "unexpected": "Vous ne l'attendiez pas ? Dites-le tout de suite, de vive voix, à un autre administrateur de la "
        "console.",
    },
    "nl": {
        "subject": "Uw account van de console is gewijzigd",
        "link_issued": "{who} heeft een link gemaakt waarmee een nieuw wachtwoord voor uw account “{name}” gekozen kan "
        "worden.",
        "link_used": "Er is een wachtwoord gekozen voor uw account “{name}” met een link van {who}.",
        "roles_changed": "{who} heeft de rollen van uw account “{name}” gewijzigd.",
        "email_changed": "{who} heeft het e-mailadres van uw account “{name}” gewijzigd.",
        "mobile_changed": "{who} heeft het gsm-nummer van uw account “{name}” gewijzigd.",
        "closed": "{who} heeft uw account “{name}” gesloten: het opent de console niet meer.",
        "opened": "{who} heeft uw account “{name}” opnieuw geopend.",
        "deleted": "{who} heeft uw account “{name}” gewist.",
        "confirmed": "{who} heeft bevestigd dat het wachtwoord van uw account “{name}” van u is.",
        "factor_removed": "{who} heeft de tweede factor van uw account “{name}” verwijderd: "
        "het wachtwoord alleen opent het, tot u een andere instelt.",
        "unexpected": "Verwachtte u dit niet? Zeg het meteen en mondeling aan een andere beheerder van de console.",
    },
    "de": {
        "subject": "Ihr Konto der Konsole wurde geändert",
        "link_issued": "{who} hat einen Link erstellt, um ein neues Passwort für Ihr Konto „{name}“ zu wählen.",
        "link_used": "Für Ihr Konto „{name}“ wurde mit einem Link von {who} ein Passwort gewählt.",
        "roles_changed": "{who} hat die Rollen Ihres Kontos „{name}“ geändert.",
        "email_changed": "{who} hat die E-Mail-Adresse Ihres Kontos „{name}“ geändert.",
        "mobile_changed": "{who} hat die Handynummer Ihres Kontos „{name}“ geändert.",
        "closed": "{who} hat Ihr Konto „{name}“ geschlossen: es öffnet die Konsole nicht mehr.",
        "opened": "{who} hat Ihr Konto „{name}“ wieder geöffnet.",
        "deleted": "{who} hat Ihr Konto „{name}“ gelöscht.",
        "confirmed": "{who} hat bestätigt, dass das Passwort Ihres Kontos „{name}“ Ihres ist.",
        "factor_removed": "{who} hat den zweiten Faktor Ihres Kontos „{name}“ entfernt: "
        "das Passwort allein öffnet es, bis Sie einen anderen einrichten.",
        "unexpected": "Haben Sie das nicht erwartet? Sagen Sie es sofort und mündlich einem anderen Administrator der "
        "Konsole.",
    },
    "en": {
        "subject": "Your account of the console has changed",
        "link_issued": "{who} made a link with which a new password can be chosen for your account “{name}”.",
        "link_used": "A password was chosen for your account “{name}” with a link made by {who}.",
        "roles_changed": "{who} changed the roles of your account “{name}”.",
        "email_changed": "{who} changed the e-mail address of your account “{name}”.",
        "mobile_changed": "{who} changed the mobile number of your account “{name}”.",
        "closed": "{who} closed your account “{name}”: it opens the console no more.",
        "opened": "{who} opened your account “{name}” again.",
        "deleted": "{who} deleted your account “{name}”.",
        "confirmed": "{who} confirmed that the password of your account “{name}” is yours.",
        "factor_removed": "{who} removed the second factor of your account “{name}”: "
        "the password alone opens it until you set up another.",
        "unexpected": "You did not expect this? Tell another administrator of the console at once, in person.",
    },
}
