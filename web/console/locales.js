// @ts-check
// The languages of the browser's person, as Intl takes them.

/**
 * Those that are language tags (BCP 47). Some systems tell others, such as "en-US@posix", which Intl refuses.
 * @param {readonly string[]} tags
 */
export function known(tags) {
  return tags.filter((tag) => {
    try {
      return Intl.getCanonicalLocales(tag).length > 0;
    } catch {
      return false;
    }
  });
}

/** The one liked best first; empty for whatever the browser itself takes. */
export const LOCALES = typeof navigator === "undefined" ? [] : known(navigator.languages);
