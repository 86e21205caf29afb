/** What one key plays of a drill: the example, then oneself, then nothing. */

/**
 * @param {{example: boolean, own: boolean, playing: "" | "example" | "own"}} now what there is to be heard, and what is heard
 * @returns {"" | "example" | "own"} what is heard next
 */
export function nextHeard({ example, own, playing }) {
  if (playing === "own") return "";
  if (playing === "example") return own ? "own" : "";
  if (example) return "example";
  return own ? "own" : "";
}
