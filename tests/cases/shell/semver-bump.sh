current=1.4.9
IFS=. read -r major minor patch <<< "$current"
for part in major minor patch; do
  case $part in
    major) echo "$((major + 1)).0.0" ;;
    minor) echo "$major.$((minor + 1)).0" ;;
    patch) echo "$major.$minor.$((patch + 1))" ;;
  esac
done
