set -eu
@@{guard}
mkdir -p .pilothouse
code=0
pilothouse preview @@{stack} > .pilothouse/preview.txt 2>&1 || code=$?
cat .pilothouse/preview.txt
mark='<!-- pilothouse preview @@{stack} -->'
{
  echo "$mark"
  echo 'What an **up** would change in the stack **@@{stack}**:'
  echo
  echo '~~~text'
  tail -c 50000 .pilothouse/preview.txt
  echo '~~~'
} > .pilothouse/comment.md
@@{comment}
exit "$code"
