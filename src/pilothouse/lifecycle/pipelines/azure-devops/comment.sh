umask 077
echo "Authorization: Bearer $SYSTEM_ACCESSTOKEN" > .pilothouse/header
api="$SYSTEM_COLLECTIONURI$SYSTEM_TEAMPROJECTID/_apis/git/repositories/$BUILD_REPOSITORY_ID"
api="$api/pullRequests/$SYSTEM_PULLREQUEST_PULLREQUESTID/threads"
found=$(curl -fsS -H @.pilothouse/header "$api?api-version=7.1" | python3 -c '
import json, sys
for thread in json.load(sys.stdin)["value"]:
    first = thread["comments"][0]
    if (first.get("content") or "").startswith(sys.argv[1]):
        print(thread["id"], first["id"], sep="/comments/")
        break' "$mark") || echo 'the comments of the pull request cannot be read'
python3 -c '
import json, sys
text = {"content": sys.stdin.read()}
new = {"comments": [text | {"commentType": 1}], "status": "closed"}
json.dump(text if sys.argv[1] else new, sys.stdout)' "$found" \
  < .pilothouse/comment.md > .pilothouse/comment.json
if [ -n "$found" ]; then method=PATCH to="$api/$found"
else method=POST to="$api"; fi
curl -fsS -o /dev/null -X "$method" -H @.pilothouse/header -H 'Content-Type: application/json' \
  --data-binary @.pilothouse/comment.json "$to?api-version=7.1" || echo 'no comment was written'
rm .pilothouse/header
