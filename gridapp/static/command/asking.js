// Questions to the server that are asked again until they are answered: news may come just as the line goes.

const AGAIN_MS = 2_000;

/** The server was not heard, or had no answer now. */
class Unanswered extends Error {}

/** Asks again and again until the server answers. */
export async function answered(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await new Promise((go) => setTimeout(go, AGAIN_MS));
    }
  }
}

/** Asks for a page, or with htmx's header for a part of one; that it is not there is an answer, too. */
export async function asked(address, { headers = {}, signal } = {}) {
  const answer = await fetch(address, { headers: { Accept: "text/html", ...headers }, signal }).catch((error) => {
    throw error.name === "AbortError" ? error : new Unanswered(error.message);
  });
  if (answer.status === 401) location.reload();
  if (!answer.ok && answer.status !== 404) throw new Unanswered(answer.statusText);
  return answer;
}
