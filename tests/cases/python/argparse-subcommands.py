# Subcommands, defaults, choices and a parse error's exit code.
import argparse

parser = argparse.ArgumentParser(prog="deploy", description="Deploys things.")
parser.add_argument("-v", "--verbose", action="count", default=0)
commands = parser.add_subparsers(dest="command", required=True)
push = commands.add_parser("push")
push.add_argument("package")
push.add_argument("--to", choices=["dev", "prod"], default="dev")
push.add_argument("--tag", action="append", default=[])
args = parser.parse_args(["-vv", "push", "web.zip", "--to", "prod", "--tag", "a", "--tag", "b"])
print(args.verbose, args.command, args.package, args.to, args.tag)
try:
    parser.exit_on_error = True
    parser.parse_args(["push"])
except SystemExit as request:
    print("exit", request.code)
