# Building a notification mail.
from email import message_from_string
from email.message import EmailMessage
from email.utils import parseaddr

mail = EmailMessage()
mail["Subject"] = "Deployed ü"
mail["From"] = "Bot <bot@example.com>"
mail["To"] = "team@example.com"
mail.set_content("It is live.\n")
text = mail.as_string()
print(text.splitlines()[0])
back = message_from_string(text)
print(back.get_content_type(), parseaddr(back["From"]), back.get_payload().strip())
