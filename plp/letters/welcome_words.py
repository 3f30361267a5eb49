"""The welcome mail in the four languages of the zone."""

WELCOME: dict[str, dict[str, str]] = {
    "fr": {
        "subject": "Bienvenue au PLP {place}",
        "heading": "Bienvenue au PLP {place}",
        "who": "Vous êtes maintenant membre du partenariat local de prévention (PLP) de votre quartier, {place}. Les "
        "habitants, leur coordinateur et la police s'y informent les uns les autres sur la sécurité.",
        "urgent_title": "C'est urgent : téléphonez",
        "urgent": "Un fait en cours ou qui vient d'arriver, un comportement suspect qui demande une intervention : "
        "{call}, tout de suite. Jamais par SMS ni par e-mail.",
        "calm_title": "Ce n'est pas urgent : écrivez à votre coordinateur",
        "no_address": "Votre coordinateur vous donnera son adresse.",
        "gets_title": "Ce que vous recevrez",
        "gets_texts": "En urgence, un SMS de la police.",
        "gets_group": "Ce qui n'est pas urgent arrive par les e-mails de votre coordinateur, dans le groupe du "
        "quartier.",
        "gets_no_group": "Pour recevoir aussi les e-mails du groupe de votre quartier, dites-le à votre coordinateur.",
        "gets_no_texts": "Sans numéro de gsm, vous ne recevez pas les SMS d'urgence : donnez-nous-en un en "
        "répondant à ce mail.",
        "numbers": "Les SMS viennent de {numbers}. Ouvrez le fichier joint et enregistrez le contact : vous saurez "
        "que c'est nous. Personne ne décroche à ce numéro.",
        "rights_title": "Vos données",
        "rights": "Votre nom, votre gsm, votre e-mail, votre langue et votre quartier ne servent qu'au PLP. Personne "
        "d'autre ne les reçoit sans votre accord. Vous pouvez les consulter, les faire corriger ou les faire effacer : "
        "il suffit de répondre à ce mail. L'Organe de contrôle de l'information policière (COC) y veille : "
        "www.organedecontrole.be.",
        "leave_title": "Partir",
        "leave_texts": "Répondez STOP à un SMS pour n'en plus recevoir. Pour quitter le PLP, répondez à ce mail.",
        "leave_mail": "Répondez à ce mail : quelques mots suffisent, sans dire pourquoi.",
        "note": "PLP : alertes par SMS. Ne répond pas au téléphone. Urgence : {call}.",
    },
    "nl": {
        "subject": "Welkom bij het BIN {place}",
        "heading": "Welkom bij het BIN {place}",
        "who": "U bent nu lid van het buurtinformatienetwerk (BIN) van uw wijk, {place}. Bewoners, hun coördinator en "
        "de politie houden elkaar er op de hoogte over veiligheid.",
        "urgent_title": "Dringend: bel",
        "urgent": "Een feit dat bezig is of net gebeurd is, verdacht gedrag waarvoor de politie snel moet komen: "
        "{call}, meteen. Nooit per sms of e-mail.",
        "calm_title": "Niet dringend: schrijf naar uw coördinator",
        "no_address": "Uw coördinator geeft u zijn adres.",
        "gets_title": "Wat u krijgt",
        "gets_texts": "In dringende gevallen een sms van de politie.",
        "gets_group": "Wat niet dringend is, komt met de e-mails van uw coördinator, in de groep van de wijk.",
        "gets_no_group": "Wilt u ook de e-mails van de groep van uw wijk krijgen, zeg het dan aan uw coördinator.",
        "gets_no_texts": "Zonder gsm-nummer krijgt u de dringende sms'en niet: geef er een door in antwoord op deze "
        "mail.",
        "numbers": "De sms'en komen van {numbers}. Open het bestand in bijlage en bewaar het contact: dan weet u dat "
        "wij het zijn. Op dit nummer neemt niemand op.",
        "rights_title": "Uw gegevens",
        "rights": "Uw naam, gsm, e-mail, taal en wijk dienen alleen voor het BIN. Niemand anders krijgt ze zonder uw "
        "toestemming. U kunt ze inkijken, laten verbeteren of laten wissen: antwoord gewoon op deze mail. Het "
        "Controleorgaan op de politionele informatie (COC) ziet erop toe: www.controleorgaan.be.",
        "leave_title": "Stoppen",
        "leave_texts": "Antwoord STOP op een sms om er geen meer te krijgen. Wilt u het BIN verlaten, antwoord dan op "
        "deze mail.",
        "leave_mail": "Antwoord op deze mail: een paar woorden volstaan, zonder reden.",
        "note": "BIN: alarmberichten per sms. Neemt de telefoon niet op. Dringend: {call}.",
    },
    "de": {
        "subject": "Willkommen in der PLP {place}",
        "heading": "Willkommen in der PLP {place}",
        "who": "Sie sind jetzt Mitglied der lokalen Präventionspartnerschaft (PLP) Ihres Viertels, {place}. Anwohner, "
        "ihr Koordinator und die Polizei halten einander dort über die Sicherheit auf dem Laufenden.",
        "urgent_title": "Dringend: rufen Sie an",
        "urgent": "Eine Tat, die gerade geschieht oder eben geschehen ist, verdächtiges Verhalten, das einen schnellen "
        "Einsatz verlangt: {call}, sofort. Nie per SMS oder E-Mail.",
        "calm_title": "Nicht dringend: schreiben Sie Ihrem Koordinator",
        "no_address": "Ihr Koordinator gibt Ihnen seine Adresse.",
        "gets_title": "Was Sie erhalten",
        "gets_texts": "In dringenden Fällen eine SMS der Polizei.",
        "gets_group": "Was nicht dringend ist, kommt mit den E-Mails Ihres Koordinators, in der Gruppe des Viertels.",
        "gets_no_group": "Möchten Sie auch die E-Mails der Gruppe Ihres Viertels erhalten, sagen Sie es Ihrem "
        "Koordinator.",
        "gets_no_texts": "Ohne Handynummer erhalten Sie die dringenden SMS nicht: geben Sie uns eine, indem Sie auf "
        "diese E-Mail antworten.",
        "numbers": "Die SMS kommen von {numbers}. Öffnen Sie die beigefügte Datei und speichern Sie den Kontakt: dann "
        "wissen Sie, dass wir es sind. Unter dieser Nummer nimmt niemand ab.",
        "rights_title": "Ihre Daten",
        "rights": "Ihr Name, Ihre Handynummer, Ihre E-Mail-Adresse, Ihre Sprache und Ihr Viertel dienen nur der PLP. "
        "Niemand sonst erhält sie ohne Ihre Zustimmung. Sie können sie einsehen, berichtigen oder löschen lassen: "
        "antworten Sie einfach auf diese E-Mail. Das Kontrollorgan für polizeiliche Informationen (COC) wacht darüber: "
        "www.organedecontrole.be.",
        "leave_title": "Aufhören",
        "leave_texts": "Antworten Sie STOP auf eine SMS, um keine mehr zu erhalten. Wenn Sie die PLP verlassen "
        "möchten, "
        "antworten Sie auf diese E-Mail.",
        "leave_mail": "Antworten Sie auf diese E-Mail: ein paar Worte genügen, ohne Grund.",
        "note": "PLP: Alarme per SMS. Nimmt keine Anrufe an. Notfall: {call}.",
    },
    "en": {
        "subject": "Welcome to the PLP {place}",
        "heading": "Welcome to the PLP {place}",
        "who": "You are now a member of the local prevention partnership (PLP) of your neighbourhood, {place}. "
        "Residents, their coordinator and the police keep each other informed there about safety.",
        "urgent_title": "Urgent: telephone",
        "urgent": "An offence that is happening or has just happened, suspicious behaviour that needs the police "
        "quickly: {call}, at once. Never by text message or e-mail.",
        "calm_title": "Not urgent: write to your coordinator",
        "no_address": "Your coordinator will give you their address.",
        "gets_title": "What you will receive",
        "gets_texts": "In an emergency, a text message from the police.",
        "gets_group": "What is not urgent comes in your coordinator's e-mails, in the neighbourhood's group.",
        "gets_no_group": "To receive the e-mails of your neighbourhood's group too, tell your coordinator.",
        "gets_no_texts": "Without a mobile number you do not get the urgent text messages: give us one by answering "
        "this mail.",
        "numbers": "The text messages come from {numbers}. Open the attached file and save the contact: you will know "
        "that it is us. Nobody answers calls to this number.",
        "rights_title": "Your data",
        "rights": "Your name, mobile number, e-mail address, language and neighbourhood serve the PLP only. Nobody "
        "else "
        "gets them unless you agree. You may see them, have them corrected or have them deleted: just answer this "
        "mail. The Supervisory Body for Police Information (COC) watches over this: www.organedecontrole.be.",
        "leave_title": "Leaving",
        "leave_texts": "Answer STOP to a text message to receive no more of them. To leave the PLP, answer this mail.",
        "leave_mail": "Answer this mail: a few words will do, and no reason is needed.",
        "note": "PLP: alerts by text message. Does not answer calls. Emergency: {call}.",
    },
}
