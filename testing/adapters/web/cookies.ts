/**
 * The trial of a library's author, in a page; then what passes between the page and a frame of it, whose objects
 * are of another realm and whose Lethe is another copy.
 */
import { openSecrets } from "../../../adapters/web/mod.ts";
import { cookieTrial, opened } from "../../core/standard/cookie_trial.ts";
import { sealCookie } from "../../core/standard/sealed_cookies.ts";
import type { Framed } from "./cookies_frame.ts";

interface Document {
  createElement(name: "iframe"): { src: string };
  readonly documentElement: { append(element: unknown): void };
}
interface Page {
  readonly document: Document;
  framed?: (frame: Framed) => void;
}

const { console } = globalThis;
const page = globalThis as unknown as Page;
const frame = await new Promise<Framed>((resolve) => {
  page.framed = resolve;
  const element = page.document.createElement("iframe");
  element.src = "/page/testing/adapters/web/cookies_frame.ts";
  page.document.documentElement.append(element);
});

const name = async (work: () => unknown): Promise<string> => {
  try {
    return String(await work());
  } catch (error) {
    return `${(error as { code?: unknown; name: string }).code ?? (error as Error).name}`;
  }
};
const secrets = openSecrets();
const own = secrets.random(32);
const theirs = frame.secret();
const between = {
  realms: frame.Uint8Array !== Uint8Array,
  "a secret of the page in the frame": await opened(own, await frame.sealCookie(own, "user=7")),
  "a secret of the frame in the page": await opened(theirs, await sealCookie(theirs, "user=7")),
  "adopted in the page": secrets.adopt(theirs).equals(theirs),
  "adopted in the frame": frame.adopts(own),
  "cloned into the frame": await frame.receive(own),
  "moved into the page's memory": await name(() => secrets.move(theirs as never)),
};
console.log(`TRIAL ${JSON.stringify({ page: await cookieTrial(openSecrets), between })}`);
