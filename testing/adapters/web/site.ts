import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { Conversation } from "./conversation.ts";

/**
 * The strictest policy under which a page with modules and workers can exist: no inline script, no
 * `eval`, no WebAssembly, nothing from elsewhere, and no string where a script's address is taken.
 */
export const STRICT_POLICY: string = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types lethe-test",
].join("; ");

/** Files of a folder over HTTP on the loopback, under {@link STRICT_POLICY}, and conversations. */
export interface Site {
  readonly origin: string;
  /** Its program finds it at `/lines/NUMBER`. */
  open(): { readonly number: number; readonly conversation: Conversation };
  close(): Promise<void>;
}

/**
 * @param root the checkout, whose TypeScript is served as JavaScript, or a folder of built files
 * @param policy default: {@link STRICT_POLICY}
 */
export async function openSite(root: string, policy: string = STRICT_POLICY): Promise<Site> {
  const conversations: Conversation[] = [];
  const server = createServer((request, response) => {
    respond(request, response, { root, policy, conversations }).catch((error: Error) => {
      response.writeHead(404).end(error.message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open() {
      const conversation = new Conversation();
      return { number: conversations.push(conversation) - 1, conversation };
    },
    close() {
      for (const conversation of conversations) conversation.end();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Served {
  readonly root: string;
  readonly policy: string;
  readonly conversations: readonly Conversation[];
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { root, policy, conversations }: Served,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://site");
  const [, number, verb] = /^\/lines\/(\d+)\/(hear|tell)$/.exec(pathname) ?? [];
  if (number !== undefined) {
    const conversation = conversations[Number(number)];
    if (verb === "hear") {
      conversation?.hear(await textOf(request));
      response.writeHead(204).end();
      return;
    }
    const line = (await conversation?.tell()) ?? null;
    if (line === null) response.writeHead(204).end();
    else response.writeHead(200, { "Content-Type": "application/json" }).end(line);
    return;
  }
  const [type, body] = await fileAt(root, pathname);
  const headers = {
    "Content-Type": type,
    "Content-Security-Policy": policy,
    "Cache-Control": "no-store",
    "Service-Worker-Allowed": "/",
    "X-Content-Type-Options": "nosniff",
  };
  response.writeHead(200, headers).end(body);
}

async function fileAt(root: string, pathname: string): Promise<readonly [string, string]> {
  if (pathname === "/favicon.ico") return ["image/x-icon", ""];
  const [, script] = /^\/page\/(.+)$/.exec(pathname) ?? [];
  if (script !== undefined) {
    return ["text/html", `<!doctype html><script type="module" src="/${script}"></script>`];
  }
  const text = await readFile(join(root, normalize(pathname)), "utf8");
  if (pathname.endsWith(".html")) return ["text/html", text];
  return ["text/javascript", pathname.endsWith(".ts") ? stripTypeScriptTypes(text) : text];
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
