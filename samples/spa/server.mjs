// Serves the application's few files; it has no secret and no session. Any web server does the same.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'

const port = Number(process.env.PORT ?? 5003)
const server = process.env.TOKENSERVER_URL ?? 'http://localhost:5000'
const here = (name) => new URL(name, import.meta.url)
const files = {
  '/': ['index.html', 'text/html'],
  '/callback.html': ['index.html', 'text/html'],
  '/app.js': ['app.js', 'text/javascript'],
  '/oidc-client-ts.js': ['node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', 'text/javascript'],
}

createServer(async (request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname
  response.setHeader('Content-Security-Policy', `default-src 'none'; script-src 'self'; connect-src 'self' ${server}; base-uri 'none'; frame-ancestors 'none'`)
  // The code stands in the address of /callback.html: no other site learns of it.
  response.setHeader('Referrer-Policy', 'no-referrer')
  if (path === '/settings.json') {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ authority: server, client_id: process.env.CLIENT_ID ?? 'spa' }))
    return
  }
  const file = files[path]
  if (!file) {
    response.statusCode = 404
    response.end()
    return
  }
  response.setHeader('Content-Type', `${file[1]}; charset=utf-8`)
  response.end(await readFile(here(file[0])))
}).listen(port, 'localhost', function () {
  console.log(`open http://localhost:${this.address().port}`)
})
