"""No page is open: what waits is sent by the service worker, which the browser wakes once there is a network."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.browser.conftest import OpenPage, Site
from tests.support import phones
from tests.support.phones import BAD_NETWORK, fill_report, located, phone, send, take_photo, task, tasks_of, until
from tests.support.wires import Wire

NO_PAGE_OF_OURS = "/static/icons/icon.svg"
WAITING = """() => new Promise((told, failed) => {
  const request = indexedDB.open("field");
  request.onerror = () => failed(request.error);
  request.onsuccess = () => {
    const all = request.result.transaction("outbox").objectStore("outbox").count();
    all.onsuccess = () => {
      request.result.close();
      told(all.result);
    };
  };
})"""


class Waker:
    """Wakes the service worker of the phone page as the browser does, from a page that is none of ours."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.page: Page = context.new_page()
        self.page.goto(f"{origin}{NO_PAGE_OF_OURS}")
        self._origin = origin
        self._browser: CDPSession = context.new_cdp_session(self.page)
        self._registrations: list[str] = []
        self._browser.on("ServiceWorker.workerRegistrationUpdated", self._take)
        self._browser.send("ServiceWorker.enable")

    def _take(self, told: dict[str, list[dict[str, str]]]) -> None:
        self._registrations += [one["registrationId"] for one in told["registrations"] if "/field" in one["scopeURL"]]

    def wake(self) -> None:
        while not self._registrations:
            self.page.wait_for_timeout(100)
        event = {
            "origin": self._origin,
            "registrationId": self._registrations[-1],
            "tag": "outbox",
            "lastChance": False,
        }
        self._browser.send("ServiceWorker.dispatchSyncEvent", event)


def left_behind(open_page: OpenPage, site: Site, wire: Wire) -> Waker:
    """A phone whose page was closed over a report that waits."""
    page = phone(open_page, site, None, base_url=wire.url, tolerate=BAD_NETWORK)
    phones.sign_in(page, "worker_a")
    page.evaluate("navigator.serviceWorker.ready")
    located(page)
    waker = Waker(page.context, wire.url)
    wire.cut()
    fill_report(page, "页面已关闭")
    take_photo(page)
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    page.close()
    wire.mend()
    return waker


def test_the_service_worker_sends_what_waits_while_no_page_is_open(open_page, site, wire):
    waker = left_behind(open_page, site, wire)
    waker.wake()
    until(waker.page, f"async () => (await ({WAITING})()) === 0")
    [filed] = tasks_of(site)
    assert (filed["description"], len(filed["photos"]), filed["reporter"]["name"]) == ("页面已关闭", 1, "Worker A")
    assert task(site, filed["id"])["events"][0]["facts"]["clock_off"] is False
