// What a page shows wrongly, by geometry and by letters: handed to every document of a page by `benchmarks.looks`.
(lang) => {
  const elements = [];
  const collect = (root) => {
    for (const each of root.querySelectorAll("*")) {
      elements.push(each);
      if (each.shadowRoot) collect(each.shadowRoot);
    }
  };
  collect(document);
  const seen = (each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const hiddenToEye = (each) => {
    for (let at = each; at; at = at.parentElement || at.getRootNode().host) {
      const { clip, clipPath, position, width } = getComputedStyle(at);
      if (clipPath !== "none" || (clip !== "auto" && position === "absolute") || (width === "1px")) return true;
    }
    return false;
  };
  const name = (each) => {
    const named = each.closest?.("[class*=st-key-]")?.className.match(/st-key-[\w-]+/)?.[0];
    return [named, each.outerHTML.replace(/\s+/g, " ").replace(/st-emotion-cache-\w+ \w+/g, "").slice(0, 140)].filter(Boolean).join(" ");
  };
  const own = (each) => [...each.childNodes].filter((at) => at.nodeType === 3).map((at) => at.data).join("").trim();
  const scrolls = (each) => {
    for (let at = each; at; at = at.parentElement || at.getRootNode().host) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX) && !at.matches("[data-testid=stMain]")) return true;
    }
    return false;
  };
  const skipped = "script, style, noscript, template, option, canvas, svg *, title, video, audio";
  const shown = elements.filter((each) => !each.matches(skipped) && seen(each) && !hiddenToEye(each));
  const found = { wide: [], cut: [], small: [], foreign: [], overlap: [] };

  if (document.documentElement.scrollWidth > innerWidth + 1) found.wide.push(`document ${document.documentElement.scrollWidth}`);
  for (const each of shown) {
    const { left, right, width, height } = each.getBoundingClientRect();
    if (width > 1 && height > 1 && (right > innerWidth + 1 || left < -1) && !scrolls(each)) found.wide.push(name(each));
  }
  for (const each of shown.filter((at) => own(at) || at.matches("input"))) {
    const style = getComputedStyle(each);
    if (style.display === "inline") continue;
    const clipped = ["hidden", "clip"].includes(style.overflowX);
    if (each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 && !scrolls(each) && !each.matches("input:placeholder-shown"))
      found.cut.push(`${clipped ? "cut" : "spills"}: ${each.value || own(each)} | ${name(each)}`);
    else if (each.matches("input:placeholder-shown") && each.placeholder) {
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = style.font;
      if (pen.measureText(each.placeholder).width > each.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) + 1)
        found.cut.push(`placeholder: ${each.placeholder}`);
    }
    if (["hidden", "clip"].includes(style.overflowY) && each.scrollHeight > each.clientHeight + 3)
      found.cut.push(`cut below: ${own(each)} | ${name(each)}`);
  }
  const control = "button, a[href], input, select, textarea, summary, [role=button], [role=tab], [role=radio], [role=checkbox], [role=option]";
  for (const each of shown.filter((at) => at.matches(control))) {
    const of = each.matches("input") ? (each.closest("label") || each) : each;
    const { width, height } = of.getBoundingClientRect();
    const inText = each.matches("a") && getComputedStyle(each).display === "inline" && own(each.parentElement);
    if (width > 0 && height > 0 && (width < 24 || height < 24) && !inText) found.small.push(`${Math.round(width)}x${Math.round(height)} ${name(each)}`);
  }
  const wrong = lang === "zh" ? /[A-Za-z]{2,}/ : /[\u3400-\u9fff\uff01-\uff5e\u3001\u3002]/;
  for (const each of shown) {
    if (each.closest("code, pre, output.code, [data-testid=stIconMaterial], [data-testid=stSelectboxChevron]") || /^(礼仪 Liyi|English|中文)$/.test(own(each))) continue;
    const said = [own(each), each.getAttribute("aria-label"), each.getAttribute("title"), each.placeholder, each.alt];
    for (const text of said) if (text && wrong.test(text)) found.foreign.push(text.trim().slice(0, 160));
  }
  const boxes = [];
  const walker = (root) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const of = node.parentElement;
      if (!of || !node.data.trim() || of.matches(skipped) || !seen(of) || hiddenToEye(of)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const { left, top, right, bottom } of range.getClientRects())
        if (right - left > 2 && bottom - top > 2) boxes.push({ left, top, right, bottom, of, text: node.data.trim().slice(0, 40) });
    }
  };
  walker(document.body);
  for (const each of elements) if (each.shadowRoot) walker(each.shadowRoot);
  const foremost = (box) => {
    const root = box.of.getRootNode();
    const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return true;
    const at = root.elementFromPoint(x, y);
    return !at || at === box.of || box.of.contains(at) || at.contains(box.of);
  };
  boxes.sort((a, b) => a.top - b.top);
  for (let i = 0; i < boxes.length; i += 1) {
    for (let k = i + 1; k < boxes.length && boxes[k].top < boxes[i].bottom - 3; k += 1) {
      const [a, b] = [boxes[i], boxes[k]];
      if (a.of === b.of) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 4 && high > 6 && foremost(a) && foremost(b)) found.overlap.push(`${a.text} / ${b.text}`);
    }
  }
  for (const key of Object.keys(found)) found[key] = [...new Set(found[key])].slice(0, 60);
  return found;
}
