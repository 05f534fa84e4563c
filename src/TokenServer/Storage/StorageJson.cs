namespace TokenServer.Storage;

/// <summary>How lists and properties are written into OpenIddict's JSON columns.</summary>
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
internal sealed partial class StorageJson : JsonSerializerContext;
