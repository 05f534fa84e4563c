curl -X POST https://intunnel.cloud/api/verify-2fa \
  -H "Content-Type: application/json" \
  -d '{
    "temp_token": "temp_abc123...",
    "code": "123456"
  }'
