"""The catalogue at the admin desk in a browser: a setting is published and set back, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_accessible import faults
from tests.support.screens import assert_fits

WORDS = {
    "zh-CN": ("ltxgg", "乱贴小广告", "抽查比例", "发布", "重新发布"),
    "en": ("Bills", "Bills posted", "Share drawn for review", "Publish", "Publish again"),
}


@pytest.mark.parametrize(("screen", "language"), [(DESK, "zh-CN"), (PHONE, "en")], ids=["desk", "phone"])
def test_a_share_of_sample_review_is_published_and_set_back(open_page, screen, language):
    search, name, share, publish, again = WORDS[language]
    page = open_page("admin_district", "/admin/catalogue", screen, language=language)
    page.get_by_role("searchbox").fill(search)
    page.get_by_role("link", name=name).click()
    field = page.get_by_label(share)
    before = field.input_value()
    field.fill("0.35")
    page.get_by_role("button", name=publish, exact=True).click()
    expect(page.get_by_role("status").first).to_be_visible()
    expect(field).to_have_value("0.35")
    assert_fits(page)
    assert faults(page) == {}
    page.goto("/admin/catalogue/editions")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=again).first.click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert_fits(page)
    page.goto("/admin/catalogue/category?code=06002")
    expect(page.get_by_label(share)).to_have_value(before)
