curl https://intunnel.cloud/api/tunnels \
  -H "Authorization: Bearer YOUR_TOKEN"
