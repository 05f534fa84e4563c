// The tokens of each server, in a file that only its owner can read, and that is there whole or not at all.
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export class Store {
  #folder;

  constructor(folder = join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'tunnel-cli')) {
    this.#folder = folder;
  }

  /** The tokens of a server; undefined where there are none. */
  read(server) {
    try {
      return JSON.parse(readFileSync(this.#file(server), 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw new Error(`${this.#file(server)} cannot be read: ${error.message}`);
    }
  }

  write(server, tokens) {
    this.#put(this.#file(server), JSON.stringify(tokens));
  }

  forget(server) {
    rmSync(this.#file(server), { force: true });
  }

  /** The server that somebody signed in at last, which the other commands mean; undefined where there was none. */
  lastServer() {
    try {
      return readFileSync(this.#last, 'utf8').trim() || undefined;
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw new Error(`${this.#last} cannot be read: ${error.message}`);
    }
  }

  rememberServer(server) {
    this.#put(this.#last, `${server}\n`);
  }

  #put(file, text) {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    // It may have been there before, for everybody.
    chmodSync(this.#folder, 0o700);
    const made = `${file}.${process.pid}`;
    writeFileSync(made, text, { mode: 0o600, flag: 'wx' });
    renameSync(made, file);
  }

  get #last() {
    return join(this.#folder, 'last-login');
  }

  #file(server) {
    return join(this.#folder, `${new URL(server).host.replace(/[^\w.-]/g, '_')}.json`);
  }
}
