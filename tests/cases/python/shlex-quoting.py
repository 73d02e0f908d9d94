# Command lines, quoted and taken apart (nothing is started).
import shlex

print(shlex.split("""deploy --name "my app" --note 'it''s' a\\ b # comment""", comments=True))
print(shlex.join(["echo", "two words", "it's", ""]), shlex.quote("$HOME"))
