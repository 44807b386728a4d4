package storage

import (
	"context"
	"reflect"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Bearer is who comes with an access token, and how they stand: a person who was suspended, or whose account was disabled, is found as well.
type Bearer struct {
	Token   AccessToken
	Account *communities.Account
	Person  *communities.Actor
}

// bearerRow is who comes, in one row.
type bearerRow struct {
	Token   accessTokenRow `bun:"embed:token_"`
	Account accountRow     `bun:"embed:account_"`
	Person  actorRow       `bun:"embed:person_"`
}

// Bearer finds who comes with a token that was not revoked. It is one question, and asked for every request anew: what was revoked ends at once,
// whichever process did it.
func (r reads) Bearer(ctx context.Context, hash string) (Bearer, error) {
	var row bearerRow
	err := r.idb.NewSelect().Model(&row).ModelTableExpr("access_tokens AS token").ExcludeColumn("*").
		ColumnExpr(columnsOf[accessTokenRow](r.idb, "token")).ColumnExpr(columnsOf[accountRow](r.idb, "account")).
		ColumnExpr(columnsOf[actorRow](r.idb, "person")).
		Join("JOIN accounts AS account ON account.actor_id = token.actor_id").Join("JOIN actors AS person ON person.id = token.actor_id").
		Where("token.hash = ? AND token.revoked_at IS NULL", hash).Scan(ctx)
	if err != nil {
		return Bearer{}, found(err, "read", "bearer of a token")
	}
	return Bearer{Token: row.Token.noun(), Account: row.Account.noun(), Person: row.Person.noun()}, nil
}

// columnsOf lists the columns of a table, under names that begin with its alias.
func columnsOf[Row any](idb bun.IDB, alias string) string {
	var list []byte
	for i, field := range idb.Dialect().Tables().Get(reflect.TypeFor[Row]()).Fields {
		if i > 0 {
			list = append(list, ", "...)
		}
		list = append(list, alias+"."+field.Name+" AS "+alias+"_"+field.Name...)
	}
	return string(list)
}
