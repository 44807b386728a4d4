package storage

import (
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Away tells whether an error says that the database could not be reached, or was going down or coming up: whatever was tried is worth
// trying again as soon as it is back, and the failure is nobody's fault.
func Away(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) { // PostgreSQL, appendix A: operator_intervention, connection_exception
		return strings.HasPrefix(refused.Code, "57P") || strings.HasPrefix(refused.Code, "08")
	}
	var unreached *pgconn.ConnectError
	return errors.As(err, &unreached) || errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err)
}
