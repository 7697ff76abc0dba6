package httpapi

import "github.com/gin-gonic/gin"

// Routes lists what the router serves: tests go through all of it, and so
// through a route that is new.
func Routes() gin.RoutesInfo {
	engine := gin.New()
	new(API).routes(engine, &ui{})
	return engine.Routes()
}

// ReadBody reads the body of a request.
func ReadBody(c *gin.Context, limit int64) ([]byte, error) { return readBody(c, limit) }

// Limits of a request, for tests.
const (
	MaxBody      = maxBody
	MaxBatchBody = maxBatchBody
	FirstRead    = firstRead
)
