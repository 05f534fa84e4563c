using System.Text;
using TokenServer.Import;

namespace TokenServer.Tests.Import;

/// <summary>What an import file may say, and how its errors name the place (contract section 7).</summary>
public sealed class ImportDocumentTests
{
    [Theory]
    [InlineData("""{"clients":[{"client_id":"47"}]}""", "clients[0]: client_id")]
    [InlineData("""{"clients":[{"client_id":"a"},{}]}""", "clients[1]: client_id")]
    [InlineData("""{"clients":[{"client_id":"a"},{"client_id":"a"}]}""", "clients[1]: *twice")]
    [InlineData("""{"clients":[{"client_id":"a","client_secret":""}]}""", "clients[0]: client_secret")]
    [InlineData("""{"clients":[{"client_id":"a","grant_types":[""]}]}""", "clients[0]: grant_types")]
    [InlineData("""{"clients":[{"client_id":"a","scope":"a\"b"}]}""", "clients[0]: scope")]
    [InlineData("""{"clients":[{"client_id":"a","redirect_uris":["x"]}]}""", "clients[0]: redirect_uris")]
    [InlineData("""{"clients":[{"client_id":"a","redirect_uris":["javascript:alert(1)"]}]}""", "clients[0]: redirect_uris")]
    [InlineData("""{"clients":[{"client_id":"a","token_endpoint_auth_method":"private_key_jwt"}]}""", "clients[0]: token_endpoint_auth_method")]
    [InlineData("""{"clients":[{"client_id":"a","token_endpoint_auth_method":"client_secret_basic"}]}""", "clients[0]: token_endpoint_auth_method")]
    [InlineData("""{"clients":[{"client_id":"a","client_secret":"x","token_endpoint_auth_method":"none"}]}""", "clients[0]: token_endpoint_auth_method")]
    [InlineData("""{"clients":[{"client_id":"a","access_token_format":"xml"}]}""", "clients[0]: access_token_format")]
    [InlineData("""{"clients":[{"client_id":"a","access_token_lifetime":0}]}""", "clients[0]: access_token_lifetime")]
    [InlineData("""{"clients":[{"client_id":"a","access_token_lifetime":604801}]}""", "clients[0]: access_token_lifetime")]
    [InlineData("""{"clients":[{"client_id":"a","id_token_signed_response_alg":"none"}]}""", "clients[0]: id_token_signed_response_alg")]
    [InlineData("""{"clients":[{"client_id":"a","introspection":true}]}""", "clients[0]: introspection")]
    [InlineData("""{"clients":[{"client_id":"a","grant_types":["client_credentials"]}]}""", "clients[0]: grant_types")]
    [InlineData("""{"scopes":[{"name":"a b"}]}""", "scopes[0]: name")]
    [InlineData("""{"scopes":[{"name":"a","resources":[""]}]}""", "scopes[0]: resources")]
    [InlineData("""{"users":[{"username":"a","email":"a@b","password":"a long enough one"},{"username":"A","email":"c@d","password":"a long enough one"}]}""", "users[1]: *twice")]
    [InlineData("""{"users":[{"username":"a","email":"a@b","password":"a long enough one"},{"username":"b","email":"A@B","password":"a long enough one"}]}""", "users[1]: *twice")]
    [InlineData("""{"users":[{"username":"a@b","email":"a@b","password":"a long enough one"}]}""", "users[0]: username")]
    [InlineData("""{"users":[{"username":"a","email":"a","password":"a long enough one"}]}""", "users[0]: email")]
    [InlineData("""{"users":[{"username":"a","email":"a@b"}]}""", "users[0]: password")]
    [InlineData("""{"users":[{"username":"a","email":"a@b","password":"a long enough one","role":"the king"}]}""", "users[0]: role")]
    [InlineData("""{"users":[{"username":"a","email":"a@b","password":"a long enough one","totp_secret":"not base 32!"}]}""", "users[0]: totp_secret")]
    public void What_makes_no_sense_is_named_with_its_place(string json, string message) => Refused(json, message);

    [Theory]
    [InlineData("""{"clients":null}""", "clients: ")]
    [InlineData("""{"clients":[null]}""", "clients[0]: ")]
    [InlineData("""{"clients":[{"client_id":"a","grant_types":null}]}""", "clients[0]: grant_types")]
    [InlineData("""{"clients":[{"client_id":"a","audiences":null}]}""", "clients[0]: audiences")]
    [InlineData("""{"clients":[{"client_id":"a","redirect_uris":null}]}""", "clients[0]: redirect_uris")]
    [InlineData("""{"scopes":[{"name":null}]}""", "scopes[0]: name")]
    [InlineData("""{"scopes":[{"name":"a","resources":null}]}""", "scopes[0]: resources")]
    [InlineData("""{"users":[{"username":null,"email":"a@b","password":"a long enough one"}]}""", "users[0]: username")]
    [InlineData("""{"users":[{"username":"a","email":null,"password":"a long enough one"}]}""", "users[0]: email")]
    [InlineData("""{"users":[{"username":"a","email":"a@b","password":null}]}""", "users[0]: password")]
    [InlineData("""{"users":[{"username":"a","email":"a@b","password":"a long enough one","role":null}]}""", "users[0]: role")]
    [InlineData("""{"clients":[{"client_id":"a","grant_types":[null]}]}""", "clients[0]: grant_types")]
    [InlineData("""{"clients":[{"client_id":"a","redirect_uris":[null]}]}""", "clients[0]: redirect_uris")]
    [InlineData("null", "$: ")]
    public void A_null_where_a_value_is_due_is_named_with_its_place(string json, string message) => Refused(json, message);

    [Theory]
    [InlineData("", "$")]
    [InlineData("[]", "$")]
    [InlineData("{", "$")]
    [InlineData("""{"clients":[{"client_id":"a","client_secret":5}]}""", "$.clients[0].client_secret (line 1)")]
    [InlineData("{\n\"users\":[{\"username\":[]}]}", "$.users[0].username (line 2)")]
    [InlineData("""{"clients":[{"client_id":"a","access_token_lifetime":"1h"}]}""", "$.clients[0].access_token_lifetime")]
    [InlineData("""{"scopes":{}}""", "$.scopes")]
    public void What_is_not_the_JSON_expected_is_named_by_path_and_line(string json, string message) => Refused(json, message);

    [Fact]
    public void A_secret_in_the_wrong_place_is_not_repeated_in_the_error() =>
        Parsing("""{"users":[{"username":"a","email":"a@b","password":"a long enough one","role":"hunter2!"}]}""").Should().Throw<ImportException>().Which.Message.Should().NotContain("hunter2");

    [Theory]
    [InlineData("""{"Clients":[]}""", "$.Clients (line 1): there is no member")]
    [InlineData("""{"users":[],"groups":[{}]}""", "$.groups (line 1): there is no member")]
    [InlineData("{\"clients\":[{\"client_id\":\"a\"},\n{\"client_id\":\"b\",\"client_secrets\":\"x\"}]}", "$.clients[1].client_secrets (line 2): there is no member")]
    [InlineData("""{"clients":[{"client_id":"a","logo":"https://example.com/a.png"}]}""", "$.clients[0].logo")]
    [InlineData("""{"clients":[{"client_id":"a","$schema":"x"}]}""", "$.clients[0].$schema")]
    [InlineData("""{"scopes":[{"name":"a","resource":["a"]}]}""", "$.scopes[0].resource ")]
    [InlineData("""{"scopes":[{"Name":"a"}]}""", "$.scopes[0].Name")]
    [InlineData("""{"users":[{"username":"a","totpSecret":"JBSWY3DPEHPK3PXP"}]}""", "$.users[0].totpSecret")]
    [InlineData("""{"users":[{"username":"a","contacts":[{"deep":[1,2]}]}]}""", "$.users[0].contacts")]
    [InlineData("""{"clients":[],"clients":[]}""", "$.clients (line 1): it is there twice")]
    [InlineData("""{"users":[{"username":"a","password":"one of them","password":"another one"}]}""", "$.users[0].password (line 1): it is there twice")]
    public void A_member_that_is_not_known_or_there_twice_is_named_with_its_place(string json, string message) => Refused(json, message);

    [Fact]
    public void A_schema_comments_and_trailing_commas_are_ignored()
    {
        var document = Parse("""
            { // a comment
              "$schema": "import.schema.json",
              "clients": [{ "client_id": "a" },],
            }
            """);
        document.Clients.Should().ContainSingle(c => c.ClientId == "a");
    }

    [Fact]
    public void A_byte_order_mark_is_ignored() => ImportDocument.Parse([0xEF, 0xBB, 0xBF, .. "{}"u8]).Clients.Should().BeEmpty();

    private static void Refused(string json, string message) => Parsing(json).Should().Throw<ImportException>().WithMessage(message + "*");

    private static Action Parsing(string json) => () => Parse(json);

    private static ImportDocument Parse(string json) => ImportDocument.Parse(Encoding.UTF8.GetBytes(json));
}
