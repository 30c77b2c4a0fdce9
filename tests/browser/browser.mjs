// Chromium without a window, and the page's folder over HTTP.
//
// SEMPER_BROWSER  the Chromium to start (default: the first that is installed)
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const WIDTH = 1000, HEIGHT = 760;

const PAGE = new URL('page/', import.meta.url);
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript' };
const FILES = {
  '/': new URL('index.html', PAGE),
  '/app.js': new URL('app.js', PAGE),
  '/ethers.js': new URL('node_modules/ethers/dist/ethers.min.js', import.meta.url),
};

/** The program, or undefined where there is none. */
export function findBrowser() {
  if (process.env.SEMPER_BROWSER) return process.env.SEMPER_BROWSER;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const installed = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...installed, chromium.executablePath()].find((each) => existsSync(each));
}

/** Serves the page to anybody of this machine. */
export async function servePage() {
  const server = createServer((request, response) => {
    const file = FILES[new URL(request.url, 'http://page').pathname];
    response.writeHead(file ? 200 : 404, { 'content-type': TYPES[file?.pathname.split('.').at(-1)] ?? 'text/plain' });
    response.end(file ? readFileSync(file) : 'nothing here');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

export async function startBrowser() {
  return chromium.launch({ executablePath: findBrowser() });
}

/**
 * A tab with a wallet of `settings` (see page/provider.js). What the page does wrong is kept in `problems`, the hosts it
 * speaks to in `hosts`; `says` answers the wallet's next questions, no where there is none left.
 */
export async function openTab(browser, settings) {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: HEIGHT } });
  const page = await context.newPage();
  const tab = { page, problems: [], hosts: new Set(), says: [], asked: [], close: () => context.close() };
  page.on('pageerror', (error) => tab.problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && tab.problems.push(message.text()));
  page.on('request', (request) => request.url().startsWith('http') && tab.hosts.add(new URL(request.url()).host));
  page.on('dialog', (dialog) => {
    tab.asked.push(dialog.message());
    return tab.says.shift() ? dialog.accept() : dialog.dismiss();
  });
  const wallet = readFileSync(new URL('provider.js', PAGE), 'utf8');
  await page.addInitScript({ content: `${wallet}\ninjectWallet(${JSON.stringify(settings)});` });
  return tab;
}
