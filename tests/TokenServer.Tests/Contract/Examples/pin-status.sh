curl http://localhost/api/status \
  -H "Authorization: Bearer $TOKEN"
