import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join, normalize } from "node:path";

/** A page on the loopback address, and what it posts back. */
export interface Served {
  readonly url: string;
  /** The body of the first POST. */
  readonly answer: Promise<string>;
  close(): void;
}

/** The suite inside a page: no inline script, so that the policy below holds. */
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Lethe</title><script type="module" src="/page.js"></script>';
const SCRIPT = `import { runtime, openSecrets } from "/dist/adapters/web/mod.js";
import { FROM_INSIDE, runConformance } from "/dist/conformance/inside.js";
const memory = () => runtime.memories[0].open();
const report = await runConformance({ name: "web heap", memory, openSecrets }, FROM_INSIDE);
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
`;
/** As strict as a page can be served. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** Serves the page and the built modules under `root`; everything else is not found. */
export async function servePage(root: string): Promise<Served> {
  const { promise: answer, resolve } = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://page").pathname);
    if (request.method === "POST") {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      request.on("end", () => {
        response.end();
        resolve(body);
      });
      return;
    }
    const found = contentOf(root, path);
    const type = path === "/" ? "text/html; charset=utf-8" : "text/javascript";
    response.writeHead(found === null ? 404 : 200, {
      "content-type": type,
      "content-security-policy": POLICY,
    });
    response.end(found);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${portOf(server)}/`, answer, close: () => server.close() };
}

function contentOf(root: string, path: string): string | null {
  if (path === "/") return PAGE;
  if (path === "/page.js") return SCRIPT;
  if (!path.startsWith("/dist/")) return null;
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return null;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
