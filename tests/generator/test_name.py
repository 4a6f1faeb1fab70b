"""Names: from an operation to the name that a model reads, and what settles them."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen.config import Config
from mcpgen.curate import curate
from mcpgen.diagnostics import Report
from mcpgen.load import Document, Documents
from mcpgen.name import argument_names, name, slug
from mcpgen.operations import operations
from mcpgen.route import route
from mcpgen.spec import spec


def named(
    *declared: tuple[str, str, dict[str, Any]],
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Names and modules by `GET /path`, and the findings, of some operations."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, operation in declared:
        paths.setdefault(path, {})[method] = operation
    value = {"openapi": "3.1.0", "paths": paths}
    document = Document(source="spec", text="", format="json", value=value)
    config, report = Config(preset="tools"), Report()
    api = curate(
        operations(spec(Documents(root=document)), Report()), Config(), Report()
    )
    found = name(route(api, config, report).served, api, report)
    return (
        {one.route.operation.subject: one.name for one in found},
        {one.route.operation.subject: one.module for one in found},
        [one.message for one in report.diagnostics],
    )


def names(*declared: tuple[str, str, str | None]) -> list[str]:
    """The names of operations with these ids, in the given order."""
    found, _, _ = named(
        *(
            (method, path, {"operationId": id} if id else {})
            for method, path, id in declared
        )
    )
    return [found[f"{method.upper()} {path}"] for method, path, _ in declared]


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("listPets", "list_pets"),
        ("users/list-for-org", "users_list_for_org"),
        ("Users.List", "users_list"),
        ("getUserByID", "get_user_by_id"),
        ("getUserIDs", "get_user_ids"),
        ("HTTPServerStatus", "http_server_status"),
        ("getOAuthToken", "get_oauth_token"),
        ("listIPv4Addresses", "list_ipv4_addresses"),
        ("uploadToS3Bucket", "upload_to_s3_bucket"),
        ("get_user__by_id", "get_user_by_id"),
        ("UsersController_findAll", "users_find_all"),
        ("обновитьЗаказ", "obnovit_zakaz"),
        ("größe", "grosse"),
        ("class", "post_class"),
        ("2fa_enable", "post_2fa_enable"),
        ("enable-2FAToken", "enable_2fa_token"),
        ("createM2MToken", "create_m2m_token"),
        ("k8sInjectCert", "k8s_inject_cert"),
        ("uploadS3URL", "upload_s3_url"),
        ("listV2APIKeys", "list_v2_api_keys"),
        ("RetrieveACompany", "retrieve_a_company"),
        ("getOpenApi", "get_openapi"),
        ("deletethingSettings", "delete_thing_settings"),
        ("api/v{version}/Things", "create_thing"),
        ("---", "create_thing"),
        (None, "create_thing"),
    ],
)
def test_an_operation_id_in_snake_case(id: str | None, expected: str) -> None:
    assert names(("post", "/things", id)) == [expected]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("get", "/users", "list_users"),
        ("get", "/users/{id}", "get_user_by_id"),
        ("get", "/api/v2/users/{userId}/posts", "list_user_posts"),
        ("get", "/users/{user}/posts/{id}", "get_user_post_by_id"),
        ("get", "/users/{user_id}", "get_user_by_id"),
        ("get", "/plans/{plan}/prices/{price}", "get_plan_price"),
        ("get", "/addresses/{a}", "get_address_by_a"),
        ("get", "/statuses/{a}", "get_status_by_a"),
        ("get", "/databases/{a}", "get_database_by_a"),
        ("get", "/aliases/{a}", "get_alias_by_a"),
        ("get", "/people/{a}", "get_person_by_a"),
        ("get", "/series/{a}", "get_series_by_a"),
        ("get", "/news.json", "get_news"),
        ("get", "/status", "get_status"),
        ("get", "/", "get_root"),
        ("get", "/{a}", "get_by_a"),
        ("post", "/companies", "create_company"),
        ("post", "/login", "post_login"),
        ("put", "/users/{id}", "replace_user_by_id"),
        ("patch", "/users/{id}", "update_user_by_id"),
        ("delete", "/users/{id}", "delete_user_by_id"),
        ("post", "/users/{id}:cancel", "cancel_user"),
        ("post", "/users/{id}/suspend", "suspend_user"),
        ("post", "/users/deactivate", "deactivate_users"),
        ("post", "/users/{id}/resendInvite", "resend_user_invite"),
        ("post", "/users/{id}/verify_accounts", "verify_user_accounts"),
        ("put", "/index/refresh", "refresh_index"),
        ("get", "/users/search", "search_users"),
        ("get", "/asset/getWallet", "get_asset_wallet"),
        # no object, a thing, two verbs
        ("post", "/auth/refresh", "post_auth_refresh"),
        ("post", "/users/{id}/refresh-tokens", "create_user_refresh_token"),
        ("get", "/users/{id}/search-results", "list_user_search_results"),
        ("post", "/order/cancelReplace", "post_order_cancel_replace"),
        ("post", "/users/{id}/tax_ids", "create_user_tax_id"),
        ("get", "/settings", "get_settings"),
        ("get", "/ticker/24hr", "get_ticker_24hr"),
        ("get", "/sub-account/subAccount/limits", "list_sub_account_limits"),
        ("get", "/reports?format=csv#top", "get_reports_format_csv_top"),
    ],
)
def test_method_and_path_where_there_is_no_id(
    method: str, path: str, expected: str
) -> None:
    assert names((method, path, None)) == [expected]


@pytest.mark.parametrize(
    ("method", "path", "id", "expected"),
    [
        ("get", "/items/{item_id}", "read_item_items__item_id__get", "read_item"),
        ("post", "/items/", "create_item_items__post", "create_item"),
        ("get", "/", "root__get", "root"),
        (
            "get",
            "/plans/{plan}/items/{id}",
            "GetPlansPlanItemsId",
            "get_plan_item_by_id",
        ),
        ("get", "/v1/plans/{plan}", "get-v1-plans-plan", "get_plan"),
        # its prefix has gone into `servers` since
        ("get", "/items/", "read_items_api_v1_items__get", "read_items"),
        ("get", "/users", "listUsersUsingGET_1", "list_users"),
        ("get", "/users", "UserService_ListUsers", "list_users"),
        ("get", "/users", "UsersController_findAll", "users_find_all"),
        ("get", "/users", "UsersController_findUsers", "find_users"),
        ("get", "/users", "4f1ad8c7e9b2d3f05a6b7c8d9e0f1a2b", "list_users"),
        ("get", "/users", "0b6a4a5e-7d2a-4c43-9f0c-6d8f5c3d2e1a", "list_users"),
        # the path of another operation: nothing to shorten
        (
            "get",
            "/other",
            "read_item_items__item_id__get",
            "read_item_items_item_id_get",
        ),
    ],
)
def test_an_id_without_what_a_tool_made_of_the_path(
    method: str, path: str, id: str, expected: str
) -> None:
    assert names((method, path, id)) == [expected]


@pytest.mark.parametrize(
    ("tag", "id", "expected"),
    [
        ("login", "login-login_access_token", "login_access_token"),
        ("users", "users-read_user", "read_user"),
        ("users", "users-update_password", "users_update_password"),
        ("QualityProfile", "get_qualityprofiles", "get_qualityprofiles"),
        ("QualityProfiles", "get_qualityprofile", "get_quality_profile"),
        ("QualityProfiles", "get_qualityprofiles", "get_quality_profiles"),
    ],
)
def test_a_tag_that_an_id_repeats_or_runs_together(
    tag: str, id: str, expected: str
) -> None:
    found, _, _ = named(("get", "/any", {"operationId": id, "tags": [tag]}))
    assert found == {"GET /any": expected}


def test_a_number_that_told_ids_apart_becomes_a_word() -> None:
    assert names(
        ("get", "/users", "List"),
        ("get", "/items", "List2"),
        ("get", "/disks", "Sha2"),
    ) == ["list_users", "list_items", "sha2"]


def test_collisions_take_the_word_of_the_path_that_tells_them_apart() -> None:
    assert names(("get", "/users", "list"), ("get", "/items", "list")) == [
        "list_users",
        "list_items",
    ]


def test_collisions_on_one_path_take_the_method() -> None:
    assert names(("get", "/x", "same"), ("post", "/x", "same")) == [
        "same_get",
        "same_post",
    ]


def test_a_number_only_where_no_word_tells_apart() -> None:
    assert names(("get", "/a", "same"), ("get", "/a/", "same")) == ["same", "same_2"]


def test_words_of_a_path_that_are_written_as_one() -> None:
    assert names(("get", "/db-reset", None), ("get", "/db/reset", None)) == [
        "get_dbreset",
        "get_db_reset",
    ]


def test_paths_that_differ_in_operators_alone_are_two() -> None:
    document: dict[str, Any] = {"/a/{id}": {"get": {}}, "/a/{.id}": {"get": {}}}
    for paths in (document, dict(reversed(document.items()))):
        value = {"openapi": "3.1.0", "paths": paths}
        api = operations(
            spec(
                Documents(
                    root=Document(source="s", text="", format="json", value=value)
                )
            ),
            Report(),
        )
        found = name(route(api, Config(), Report()).served, api, Report())
        assert {one.route.operation.at.pointer: one.name for one in found} == {
            "/paths/~1a~1{.id}/get": "get_a_by_id",
            "/paths/~1a~1{id}/get": "get_a_by_id_2",
        }


def test_ids_that_a_tool_made_of_paths_are_read_as_paths_all_of_them() -> None:
    made = [
        ("get", "/coupons", "GetCoupons"),
        ("post", "/coupons", "PostCoupons"),
        ("post", "/coupons/{coupon}", "PostCouponsCoupon"),
    ]
    assert names(*made) == ["list_coupons", "create_coupon", "post_coupon"]
    assert names(*made[:2]) == ["get_coupons", "post_coupons"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("/votes/{id}/all", "/votes/{day}/all", ["by_id", "by_day"]),
        ("/a/people", "/a/persons", ["in_people", "in_persons"]),
        ("/api/v1/runs", "/api/runs", ["v1", ""]),
        ("/flows/{flow}/runs", "/runs", ["by_flow", ""]),
        ("/flows/flow/runs", "/runs", ["flows", ""]),
    ],
)
def test_what_tells_apart(first: str, second: str, expected: list[str]) -> None:
    found = names(("get", first, "get_person"), ("get", second, "get_person"))
    assert found == [f"get_person_{told}".strip("_") for told in expected]


def test_the_names_of_others_are_not_taken() -> None:
    assert names(
        ("get", "/users", "list"),
        ("post", "/items", "list"),
        ("get", "/all", "list_users"),
    ) == ["list_get", "list_post", "list_users"]


def test_long_names_are_cut_between_words_and_keep_what_differs() -> None:
    long = "get_the_first_and_the_second_and_the_third_of_everything_there_is"
    found = names(
        ("get", "/a", long),
        ("get", "/a/discount", f"{long}_discount"),
    )
    assert found == [
        "get_the_first_and_the_second_and_the_third_of_everything_there",
        "get_the_first_and_the_second_and_the_third_of_discount",
    ]
    assert max(map(len, found)) <= 64


def test_a_name_that_the_document_pins_is_not_moved() -> None:
    found, _, findings = named(
        ("get", "/a", {"operationId": "same"}),
        ("get", "/b", {"x-mcp": {"name": "same"}}),
    )
    assert found == {"GET /a": "same_a", "GET /b": "same"}
    assert not findings


@pytest.mark.parametrize("wanted", ["Has Spaces", "9lives", "import", "x" * 65, ""])
def test_a_name_that_cannot_be_pinned_is_told(wanted: str) -> None:
    found, _, findings = named(
        ("get", "/a", {"operationId": "mine", "x-mcp": {"name": wanted}})
    )
    assert found == {"GET /a": "mine"}
    assert findings == [f"`{wanted}` can't be a name"]


def test_a_name_that_is_pinned_twice_is_told() -> None:
    found, _, findings = named(
        ("get", "/a", {"x-mcp": {"name": "same"}}),
        ("get", "/b", {"x-mcp": {"name": "same"}}),
    )
    assert found == {"GET /a": "same", "GET /b": "same_b"}
    assert findings == [
        "is `same_b`, because another operation is pinned to `same` too"
    ]


@pytest.mark.parametrize(
    ("tags", "module"),
    [
        (["Users & Groups", "Other"], "users_groups"),
        (["import"], "import_"),
        (["2FA"], "tag_2fa"),
        (["Über uns"], "uber_uns"),
        ([], "default"),
        (["!!!"], "default"),
        (["long " * 20], "long_long_long_long_long_long_long_long"),
    ],
)
def test_a_module_for_the_first_tag(tags: list[str], module: str) -> None:
    _, modules, _ = named(("get", "/api/v1/things/{id}", {"tags": tags}))
    assert modules == {"GET /api/v1/things/{id}": module}


def test_without_tags_the_paths_divide_where_several_operations_start_alike() -> None:
    _, modules, _ = named(
        ("get", "/api/v1/things", {}),
        ("get", "/api/v1/things/{id}", {}),
        ("post", "/import", {}),
        ("put", "/import", {}),
        ("get", "/about", {}),
    )
    assert modules == {
        "GET /api/v1/things": "things",
        "GET /api/v1/things/{id}": "things",
        "POST /import": "import_",
        "PUT /import": "import_",
        "GET /about": "default",
    }


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Swagger Petstore - OpenAPI 3.0", "petstore"),
        ("The Names REST API (v2)", "names"),
        ("DNSimple API", "dnsimple"),
        ("ApiManagementClient", "management-client"),
        ("FastAPI", "fastapi"),
        ("Blockfrost.io ~ API Documentation", "blockfrost-io"),
        ("Größenwahn", "grossenwahn"),
        ("API", "api"),
        ("1.0.0", "api"),
        ("", "api"),
        ("42 things", "api-42-things"),
        ("word " * 30, "word-word-word-word-word-word-word-word"),
    ],
)
def test_a_slug_is_what_is_particular_of_a_title(title: str, expected: str) -> None:
    assert slug(title) == expected


@pytest.mark.parametrize(
    ("wire", "argument", "variable"),
    [
        ("petId", "petId", "petId"),
        ("X-Request-ID", "X-Request-ID", "X_Request_ID"),
        ("a.b", "a.b", "a.b"),
        (".a", ".a", "a"),
        ("ids[]", "ids", "ids"),
        ("filter[name]", "filter_name", "filter_name"),
        ("$filter", "filter", "filter"),
        ("StartTime<", "StartTime_lt", "StartTime_lt"),
        ("StartTime>=", "StartTime_gte", "StartTime_gte"),
        ("größe", "grosse", "grosse"),
        ("名前", "MingQian", "MingQian"),
        ("x" * 100, "x" * 64, "x" * 64),
        ("[]", "value", "value"),
    ],
)
def test_a_safe_wire_name_is_kept_and_another_made_readable(
    wire: str, argument: str, variable: str
) -> None:
    key = ("query", wire)
    assert argument_names([key], in_uri=False) == {key: argument}
    assert argument_names([key], in_uri=True) == {key: variable}


def test_the_same_name_in_two_places() -> None:
    wires = [("body", "id"), ("path", "id"), ("body", "body_id"), ("query", "id")]
    assert argument_names(wires, in_uri=False) == {
        ("path", "id"): "id",
        ("query", "id"): "query_id",
        ("body", "body_id"): "body_id",
        ("body", "id"): "body_id_2",
    }
