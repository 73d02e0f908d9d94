set -euo pipefail
STAGE="${STAGE:-dev}"
VERSION="${1:-0.0.0}"
echo "deploying $VERSION to ${STAGE^^}"
echo "${UNDEFINED_THING:-none}"
echo "$NOPE_NOT_SET"
echo unreachable
