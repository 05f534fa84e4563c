const response = await fetch('http://localhost/api/auth', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ pin: '1234' })
});
const { token } = await response.json();
