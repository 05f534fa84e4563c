curl -X POST http://localhost/api/auth \
  -H "Content-Type: application/json" \
  -d '{"pin": "1234"}'
