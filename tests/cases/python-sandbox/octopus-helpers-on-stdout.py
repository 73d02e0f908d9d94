# Without a messages file the helpers print their messages; without variables there are none.
set_octopusvariable("Url", "https://e.com/ü")
set_octopusvariable("Key", "s3cret", sensitive=True)
print(octopusvariables["Url"], get_octopusvariable("Key"), decode(encode("ü")))
with open("report.txt", "w") as file:
    file.write("four")
createartifact("report.txt")
createartifact("report.txt", "renamed.txt")
updateprogress(50, "half way")
printverbose("verbose")
printhighlight("highlight")
printwait("wait")
printwarning("warning")
try:
    get_octopusvariable("Not.There")
except KeyError as error:
    print("no variable", error)
try:
    failstep("it did not work")
except SystemExit as request:
    print("exit", request.code)
