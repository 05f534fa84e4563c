// node check.js openapi.json exchanges.json: is the document valid, do its examples fit its schemas, and does what the server answered?
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const [documentFile, exchangesFile] = process.argv.slice(2);
const text = readFileSync(documentFile, 'utf8');
const document = JSON.parse(text);
const problems = [];
const problem = (where, ...what) => problems.push(`${where}: ${what.map(w => typeof w === 'string' ? w : JSON.stringify(w)).join(' ')}`);

const verdict = await new Validator().validate(JSON.parse(text));
if (!verdict.valid) problem('document', verdict.errors);

// Answers may get more members one day; here, a member that is not described is a mistake.
function close(node) {
  if (Array.isArray(node)) return node.map(close);
  if (node === null || typeof node !== 'object') return node;
  const closed = Object.fromEntries(Object.entries(node).map(([k, v]) => [k, k === 'examples' || k === 'enum' || k === 'const' ? v : close(v)]));
  if (node.properties && node.additionalProperties === undefined && typeof node.properties === 'object') closed.additionalProperties = false;
  return closed;
}

const open = new Ajv2020({ strict: false, allErrors: true }), strict = new Ajv2020({ strict: false, allErrors: true });
for (const ajv of [open, strict]) addFormats(ajv);
open.addSchema(document, 'api');
strict.addSchema(close(document), 'api');

const resolve = (node, pointer) => node.$ref ? [node.$ref.slice(2).split('/').reduce((n, p) => n[p], document), node.$ref.slice(1)] : [node, pointer];
const escape = name => name.replaceAll('~', '~0').replaceAll('/', '~1');
const fits = (ajv, pointer, value, where) => {
  const validate = ajv.getSchema(`api#${pointer.split('/').map(encodeURIComponent).join('/')}`);
  if (!validate) problem(where, 'no schema at', pointer);
  else if (!validate(value)) problem(where, validate.errors.map(e => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`).join('; '), 'in', value);
};

let examples = 0;
const operations = new Map();
const checkExamples = (ajv, media, pointer, where) => {
  for (const [type, m] of Object.entries(media ?? {})) {
    if (!m.examples || Object.keys(m.examples).length === 0) problem(where, 'has no example');
    for (const [name, example] of Object.entries(m.examples ?? {})) {
      examples++;
      fits(ajv, `${pointer}/content/${escape(type)}/schema`, example.value, `${where} example ${name}`);
    }
  }
};
for (const [path, item] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    const at = `/paths/${escape(path)}/${method}`, id = operation.operationId;
    if (operations.has(id)) problem(id, 'is there twice');
    operations.set(id, { operation, at });
    if (operation.requestBody) checkExamples(open, operation.requestBody.content, `${at}/requestBody`, `${id} request`);
    for (const [status, response] of Object.entries(operation.responses)) {
      const [answer, pointer] = resolve(response, `${at}/responses/${status}`);
      checkExamples(strict, answer.content, pointer, `${id} ${status}`);
    }
    if (!Object.keys(operation.responses).some(s => s >= '400')) problem(id, 'has no error answers');
  }
}

const telling = ['location', 'etag', 'www-authenticate', 'retry-after', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];
const exchanges = JSON.parse(readFileSync(exchangesFile, 'utf8'));
for (const { what, id, expected, status, headers, body, request } of exchanges) {
  const where = `${what} → ${status}`, { operation, at } = operations.get(id);
  if (expected !== 0 && status !== expected) { problem(where, `${expected} was documented;`, body); continue; }
  if (!operation.responses[status]) { problem(where, 'is not documented;', body); continue; }
  const [answer, pointer] = resolve(operation.responses[status], `${at}/responses/${status}`);
  if (request !== null && operation.requestBody) {
    const type = Object.keys(operation.requestBody.content)[0];
    fits(open, `${at}/requestBody/content/${escape(type)}/schema`, request, `${where} (request)`);
  }
  const documented = Object.entries(answer.headers ?? {}).map(([name, h]) => [name.toLowerCase(), ...resolve(h, `${pointer}/headers/${escape(name)}`)]);
  for (const [name, header, place] of documented) {
    const value = headers[name];
    if (value === undefined) { if (header.required) problem(where, name, 'is missing'); }
    else fits(open, `${place}/schema`, header.schema?.type === 'integer' ? Number(value) : value, `${where} ${name}`);
  }
  for (const name of telling) if (headers[name] !== undefined && !documented.some(d => d[0] === name)) problem(where, name, 'is not documented');
  const type = Object.keys(answer.content ?? {})[0];
  if (!type) { if (body !== '') problem(where, 'a body is not documented'); continue; }
  if ((headers['content-type'] ?? '').split(';')[0] !== type) { problem(where, 'is', headers['content-type'] ?? 'of no type', 'and not', type, body); continue; }
  const value = type.endsWith('json') ? JSON.parse(body) : body;
  fits(strict, `${pointer}/content/${escape(type)}/schema`, value, where);
  if (Array.isArray(value.items ?? value.tunnels ?? value) && (value.items ?? value.tunnels ?? value).length === 0) problem(where, 'an empty list shows nothing');
}

console.log(`${operations.size} operations, ${examples} examples, ${exchanges.length} exchanges, ${problems.length} problems`);
for (const p of problems) console.log('  ' + p.slice(0, 1500));
process.exit(problems.length === 0 ? 0 : 1);
