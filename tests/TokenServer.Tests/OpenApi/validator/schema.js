// node schema.js SCHEMA DOCUMENT: is the document valid by the schema?
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const [schema, document] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
const isValid = ajv.validate(schema, document);
console.log(isValid ? 'valid' : ajv.errorsText());
process.exitCode = isValid ? 0 : 1;
