/**
 * What the build takes of the command line: its page of the manual.
 *
 * @module
 */
export { manPage } from "./man/man_page.ts";
