# Editing an .ini file in place.
import configparser

with open("app.ini", "w") as file:
    file.write("[web]\nport = 80\nhost = %(name)s.example\nname = a\n\n[db]\nurl = x\n")
config = configparser.ConfigParser()
config.read("app.ini")
config["web"]["port"] = "8080"
config.remove_section("db")
config["new"] = {"Key": "value"}
with open("app.ini", "w") as file:
    config.write(file)
print(open("app.ini").read())
print(config.getint("web", "port"), config.get("web", "host"), config.get("web", "none", fallback="-"))
