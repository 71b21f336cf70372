import type { LineIo } from "../../../conformance/target/line_io.ts";
import { browser } from "./browser_globals.ts";

/**
 * The lines of conversation `number`, by blocking requests: between a reply and the next request the
 * whole thread stands still, and what is seen from outside is what the step before left.
 */
export function blockingLines(number: number): LineIo {
  return {
    read() {
      const { status, responseText } = post(`/lines/${number}/tell`);
      return status === 200 ? responseText : null;
    },
    write(line) {
      post(`/lines/${number}/hear`, line);
    },
  };
}

function post(url: string, body?: string): { status: number; responseText: string } {
  const request = new browser.XMLHttpRequest();
  request.open("POST", url, false);
  request.send(body);
  return request;
}

/** Of the conversation that the address of this page or worker names. */
export function conversationNumber(): number {
  return Number(new URLSearchParams(browser.location.search).get("lines"));
}
