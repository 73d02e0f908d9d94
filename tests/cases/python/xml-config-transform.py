# web.config: read, change, write.
import xml.etree.ElementTree as ET
from xml.dom import minidom

source = """<?xml version="1.0"?>
<configuration><appSettings><add key="Mode" value="dev"/><add key="Other" value="1 &amp; 2"/></appSettings>
<connectionStrings/></configuration>"""
root = ET.fromstring(source)
root.find("./appSettings/add[@key='Mode']").set("value", "prod")
ET.SubElement(root.find("connectionStrings"), "add", name="db", connectionString="Server=<x>")
print(ET.tostring(root, encoding="unicode"))
ET.indent(root)
ET.ElementTree(root).write("web.config", encoding="utf-8", xml_declaration=True)
print(open("web.config").readline().strip(), [e.get("key") for e in ET.parse("web.config").iter("add")])
try:
    ET.fromstring("<a><b></a>")
except ET.ParseError as error:
    print("error at", error.position)
print(minidom.parseString("<a><b>x</b></a>").getElementsByTagName("b")[0].firstChild.data)
print(ET.fromstring('<x xmlns="urn:a"><y/></x>').find("{urn:a}y") is not None)
