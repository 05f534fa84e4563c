import requests

response = requests.post(
    'http://localhost/api/auth',
    json={'pin': '1234'}
)
token = response.json()['token']
