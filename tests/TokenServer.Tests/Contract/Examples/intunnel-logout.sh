curl -X POST https://intunnel.cloud/api/logout \
  -H "Authorization: Bearer YOUR_TOKEN"
