const response = await fetch('https://api.vpnenterprise.com/v1/auth/login', {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    email: 'user@company.com',
    password: 'secure_password'
  })
});
const data = await response.json();
if (data.success) {
  localStorage.setItem('token', data.token);
  // Use token for subsequent requests
  const apiResponse = await fetch('https://api.vpnenterprise.com/v1/auth/me', {
    headers: {
      'Authorization': `Bearer ${data.token}`
    }
  });
}
