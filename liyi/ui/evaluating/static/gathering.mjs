/** Files that were dropped or chosen, with the folders they lie in; of folders only what recordings are called. */

const HIDDEN = /^(\.|~\$)|^(thumbs\.db|desktop\.ini)$/i;

/**
 * @typedef {{files: {file: File, name: string}[], passed: number}} Found passed: how many were left out
 */

/**
 * @param {FileList | null} chosen
 * @param {string[] | null} suffixes of what is taken; null: the person has chosen each file
 * @returns {Found}
 */
export function gatherChosen(chosen, suffixes) {
  const files = [...(chosen ?? [])].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
  return suffixes ? taken(files, suffixes) : { files, passed: 0 };
}

/**
 * @param {DataTransfer | null} dropped
 * @param {string[]} suffixes
 * @returns {Promise<Found>}
 */
export async function gather(dropped, suffixes) {
  // All entries are asked for at once: after the first wait the list is empty.
  const entries = [...(dropped?.items ?? [])].map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile()).filter(Boolean);
  const alone = [];
  const inside = [];
  for (const entry of entries) {
    if (entry instanceof File) alone.push({ file: entry, name: entry.name });
    else if (entry.isFile) alone.push({ file: await fileOf(entry), name: entry.name });
    else for await (const each of below(entry)) inside.push(each);
  }
  const found = taken(inside, suffixes);
  return { files: [...alone, ...found.files], passed: found.passed };
}

/** @returns {Found} */
function taken(files, suffixes) {
  const seen = files.filter(({ name }) => !name.split("/").some((part) => HIDDEN.test(part)));
  const kept = seen.filter(({ name }) => suffixes.includes(name.slice(name.lastIndexOf(".")).toLowerCase()));
  return { files: kept, passed: seen.length - kept.length };
}

async function* below(folder) {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed)); // a hundred at a time
    if (!some.length) return;
    for (const entry of some) {
      if (entry.isFile) yield { file: await fileOf(entry), name: entry.fullPath.replace(/^\//, "") };
      else yield* below(entry);
    }
  }
}

function fileOf(entry) {
  return new Promise((done, failed) => entry.file(done, failed));
}
